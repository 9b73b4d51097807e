#include "admin/fields.h"

#include <algorithm>

namespace wasat::admin {

Fields::Fields(json::Value object, std::string place) : object_(object), place_(std::move(place)) {
  if (object_ && !object_.is_object()) {
    problem_ = bad_field(
        place_, place_.empty() ? "the body is no JSON object" : place_ + " is no JSON object");
  }
}

std::string Fields::path(std::string_view name) const {
  return place_.empty() ? std::string(name) : place_ + "." + std::string(name);
}

json::Value Fields::take(std::string_view name) {
  if (std::ranges::find(known_, name) == known_.end()) known_.emplace_back(name);
  return object_[name];
}

json::Value Fields::take(std::string_view name, json::Type type, std::string_view type_name) {
  const json::Value value = take(name);
  if (!value || value.is_null()) return {};
  if (value.type() == type) return value;
  wrong(name, path(name) + " is not " + std::string(type_name));
  return {};
}

void Fields::wrong(std::string_view name, std::string message, std::string remedy) {
  if (!problem_) problem_ = bad_field(path(name), std::move(message), std::move(remedy));
}

void Fields::require(std::string_view name, bool there) {
  if (!there) wrong(name, path(name) + " is missing");
}

bool Fields::has(std::string_view name) { return static_cast<bool>(take(name)); }
bool Fields::is_null(std::string_view name) { return take(name).is_null(); }
json::Value Fields::any(std::string_view name) { return take(name); }

std::optional<std::string> Fields::text(std::string_view name, std::size_t most_bytes) {
  const json::Value value = take(name, json::Type::kString, "a text");
  const std::optional<std::string_view> text = value.string();
  if (!text) return std::nullopt;
  if (text->size() > most_bytes) {
    wrong(name, path(name) + " is longer than " + std::to_string(most_bytes) + " bytes");
    return std::nullopt;
  }
  return std::string(*text);
}

std::optional<std::int64_t> Fields::integer(std::string_view name, std::int64_t low,
                                            std::int64_t high) {
  const json::Value value = take(name, json::Type::kNumber, "a number");
  if (!value) return std::nullopt;
  const std::optional<std::int64_t> number = value.integer();
  if (!number || *number < low || *number > high) {
    wrong(name, path(name) + " is no whole number from " + std::to_string(low) + " to " +
                    std::to_string(high));
    return std::nullopt;
  }
  return number;
}

std::optional<bool> Fields::boolean(std::string_view name) {
  return take(name, json::Type::kBool, "true or false").boolean();
}

std::optional<std::vector<std::string>> Fields::texts(std::string_view name, std::size_t most_items,
                                                      std::size_t most_bytes) {
  const json::Value list = take(name, json::Type::kArray, "a list of texts");
  if (!list) return std::nullopt;
  if (list.size() > most_items) {
    wrong(name, path(name) + " has more than " + std::to_string(most_items) + " items");
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const json::Value item : list) {
    const std::optional<std::string_view> text = item.string();
    if (!text || text->size() > most_bytes) {
      wrong(name, path(name) + "[" + std::to_string(texts.size()) + "] is no text" +
                      (text ? " of at most " + std::to_string(most_bytes) + " bytes" : ""));
      return std::nullopt;
    }
    texts.emplace_back(*text);
  }
  return texts;
}

json::Value Fields::list(std::string_view name) { return take(name, json::Type::kArray, "a list"); }
json::Value Fields::object(std::string_view name) {
  return take(name, json::Type::kObject, "a JSON object");
}

std::optional<Refusal> Fields::problem() const {
  if (problem_) return problem_;
  for (const json::Value member : object_) {
    if (std::ranges::find(known_, member.key()) != known_.end()) continue;
    std::string name(member.key().substr(0, 64));
    Refusal refusal = bad_field(path(name), "the field \"" + path(name) + "\" is unknown");
    refusal.code = "unknown_field";
    std::string known;
    for (const std::string& each : known_) known += (known.empty() ? "" : ", ") + each;
    refusal.remedy = known.empty() ? "send no fields" : "known are: " + known;
    return refusal;
  }
  return std::nullopt;
}

}  // namespace wasat::admin
