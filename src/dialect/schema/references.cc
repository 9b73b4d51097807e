#include "dialect/schema/references.h"

#include <string>

#include "base/percent.h"

namespace wasat::dialect {
namespace {

constexpr int kMaxSteps = 64;

// One step of a pointer: %41, ~0 and ~1 stand for something else.
std::string plain(std::string_view step) {
  std::string text;
  for (std::size_t i = 0; i < step.size(); ++i) {
    if (step[i] == '%' && i + 2 < step.size() && hex_digit(step[i + 1]) >= 0 &&
        hex_digit(step[i + 2]) >= 0) {
      text += static_cast<char>(hex_digit(step[i + 1]) * 16 + hex_digit(step[i + 2]));
      i += 2;
    } else if (step[i] == '~' && i + 1 < step.size()) {
      text += step[++i] == '1' ? '/' : '~';
    } else {
      text += step[i];
    }
  }
  return text;
}

json::Value element(json::Value array, const std::string& index) {
  for (std::size_t i = 0; const json::Value one : array) {
    if (std::to_string(i++) == index) return one;
  }
  return {};
}

json::Value follow(json::Value value, std::string_view pointer) {
  for (int steps = 0; !pointer.empty() && steps < kMaxSteps; ++steps) {
    pointer.remove_prefix(1);
    const std::size_t end = std::min(pointer.find('/'), pointer.size());
    const std::string step = plain(pointer.substr(0, end));
    value = value.is_array() ? element(value, step) : value[step];
    pointer.remove_prefix(end);
  }
  return pointer.empty() ? value : json::Value{};
}

}  // namespace

json::Value resolve_reference(json::Value root, std::string_view reference) {
  if (reference == "#") return root;
  if (reference.starts_with("#/")) return follow(root, reference.substr(1));
  for (const std::string_view map : {"$defs", "definitions"}) {
    for (const json::Value one : root[map]) {
      const std::string_view anchor = one["$anchor"].string_or("");
      const bool named =
          reference.starts_with('#') && !anchor.empty() && reference.substr(1) == anchor;
      if (named || (!reference.empty() && one["$id"].string_or("") == reference)) return one;
    }
  }
  return {};
}

}  // namespace wasat::dialect
