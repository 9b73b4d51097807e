#include "relay/node_message.h"

namespace wasat::relay {

void NodeMessage::start() {
  id_.clear();
  nonsense_ = {};
  seen_ = 0;
  has_begun_ = false;
  reset();
}

bool NodeMessage::first(std::uint32_t member) {
  const bool is_first = !has(member);
  seen_ |= member;
  if (!is_first) nonsense("a member that is there twice");
  return is_first;
}

void NodeMessage::set_id(json::Value value) {
  const std::string_view id = value.string_or("");
  if (id.empty()) {
    nonsense("an id that is no text");
  } else if (id.size() > kLongestId) {
    nonsense("an id that is too long");
  } else {
    id_ = id;
  }
}

void NodeMessage::nonsense(std::string_view why) {
  if (makes_sense()) nonsense_ = why;
}

void NodeMessage::begin(const NodeEvents::Head& head) {
  if (has_begun_) return;
  has_begun_ = true;
  events_->began(id_, head);
}

void NodeMessage::ended() {
  if (makes_sense()) finish();
  if (!makes_sense()) give_up(nonsense_);
  reset();
}

void NodeMessage::broken(std::string_view why) {
  give_up(makes_sense() ? why : nonsense_);
  reset();
}

void NodeMessage::give_up(std::string_view why) {
  // Whoever waits for this answer would wait in vain.
  if (has_id()) {
    const std::string words = "The node's answer cannot be understood: " + std::string(why) + ".";
    events_->failed(id_, {.error = words});
  }
  events_->misunderstood(why);
}

int status_of(json::Value value, int lowest) {
  const std::int64_t status = value.integer().value_or(0);
  return status >= lowest && status <= 599 ? static_cast<int>(status) : 0;
}

bool is_true(json::Value value) {
  switch (value.type()) {
    case json::Type::kAbsent:
    case json::Type::kNull:
      return false;
    case json::Type::kBool:
      return value.boolean() == true;
    case json::Type::kNumber:
      return value.number().value_or(1) != 0;
    case json::Type::kString:
      return !value.escaped().empty();
    case json::Type::kArray:
    case json::Type::kObject:
      return true;
  }
  return false;
}

std::string_view words_of(json::Value value) {
  if (!is_true(value)) return {};
  return value.is_string() ? *value.string() : value.raw();
}

}  // namespace wasat::relay
