#include "relay/message_scanner.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "relay/tell.h"

namespace wasat::relay {
namespace {

// The longest name that a sink knows, with every character escaped, is shorter.
constexpr std::size_t kLongestName = 160;

std::string_view between(const char* from, const char* to) {
  return {from, static_cast<std::size_t>(to - from)};
}

}  // namespace

bool MessageScanner::push(std::string_view bytes, MessageSink& sink) {
  if (problem_ != nullptr || bytes.empty()) return problem_ == nullptr;
  sink_ = &sink;
  from_ = bytes.data();
  const char* const end = bytes.data() + bytes.size();
  if (json_.push(bytes)) {
    if (in_name_) {
      add_to_name(between(from_, end));
    } else if (take_ != Take::kSkip) {
      add_to_value(between(from_, end), false);
    }
  } else if (problem_ == nullptr) {
    problem_ = "no JSON object";
  }
  if (problem_ == nullptr) return true;
  sink.broken(problem_);
  return false;
}

void MessageScanner::finish(MessageSink& sink) {
  if (problem_ != nullptr) return;
  if (!json_.finish()) return sink.broken("no JSON object");
  for (const Held& member : later_) {
    const json::Value value = parse(*member.bytes);
    if (problem_ != nullptr) return sink.broken(problem_);
    std::vector<PutOff> later{{.level = member.level, .name = member.name, .value = value}};
    tell_later(later, sink);
  }
  sink.ended();
}

void MessageScanner::name_begins(const char* at) {
  from_ = at;
  in_name_ = true;
  name_.clear();
}

void MessageScanner::name_ended(const char* behind) {
  add_to_name(between(from_, behind));
  in_name_ = false;
  if (name_.size() > kLongestName) {
    name_.clear();
  } else if (name_.contains('\\')) {
    name_ = parse(*Buffer::copy_of(name_)).string_or("");
  } else {
    name_ = name_.substr(1, name_.size() - 2);
  }
}

void MessageScanner::add_to_name(std::string_view bytes) {
  name_ += bytes.substr(0, kLongestName + 1 - std::min(name_.size(), kLongestName + 1));
}

void MessageScanner::value_begins(const char* at, json::Type type) {
  const int level = json_.depth();
  if (level == 0) {
    if (type != json::Type::kObject) return fail("no JSON object");
    json_.watch(1);
  } else {
    const bool is_member = json_.in_object();
    const Take take = is_member ? sink_->member(level, name_, type) : sink_->element(type);
    if (take != Take::kLater || is_member) begin_take(take, at, type);
  }
}

void MessageScanner::begin_take(Take take, const char* at, json::Type type) {
  if (take == Take::kEnter) {
    const bool has_inside = type == json::Type::kObject || type == json::Type::kArray;
    if (has_inside) json_.watch(json_.depth() + 1);
    return;
  }
  if (take == Take::kText && type != json::Type::kString) return;
  take_ = take;
  from_ = at;
  is_begun_ = false;
  if (take == Take::kValue || take == Take::kLater) held_ = std::make_unique<Buffer>(256);
}

void MessageScanner::value_ended(const char* behind) {
  // A container that was entered: we are back in the one around it.
  if (take_ == Take::kSkip) return json_.watch(json_.depth());
  add_to_value(between(from_, behind), true);
  const Take take = std::exchange(take_, Take::kSkip);
  if (problem_ != nullptr) return;
  if (take == Take::kValue) {
    give_value();
  } else if (take == Take::kLater) {
    later_.push_back({.level = json_.depth(), .name = name_, .bytes = std::move(held_)});
  }
}

void MessageScanner::add_to_value(std::string_view bytes, bool last) {
  switch (take_) {
    case Take::kPieces:
      return sink_->piece(bytes, last);
    case Take::kText:
      if (!std::exchange(is_begun_, true)) bytes.remove_prefix(1);
      if (last) bytes.remove_suffix(1);
      return unescaper_.push(bytes, last, *sink_);
    case Take::kValue:
    case Take::kLater:
      return hold(bytes);
    case Take::kSkip:
    case Take::kEnter:
      return;
  }
}

void MessageScanner::hold(std::string_view bytes) {
  held_size_ += bytes.size();
  if (held_size_ > most_held_) return fail("too much in front of an answer, or beside it");
  const std::size_t size = held_->size();
  if (held_->capacity() < size + bytes.size()) {
    held_->reserve(std::max(size + bytes.size(), 2 * size));
  }
  std::memcpy(held_->data() + size, bytes.data(), bytes.size());
  held_->resize(size + bytes.size());
}

void MessageScanner::give_value() {
  const json::Value value = parse(*held_);
  held_size_ -= held_->size();
  if (problem_ == nullptr) sink_->value(value);
  held_.reset();
}

json::Value MessageScanner::parse(const Buffer& bytes) {
  const Result<json::Value> value = document_.parse(bytes.padded(), json::Scanner::kMostDepth);
  if (value) return *value;
  fail("no JSON object");  // by its UTF-8
  return {};
}

void MessageScanner::fail(const char* why) {
  if (problem_ == nullptr) problem_ = why;
  json_.stop();
}

}  // namespace wasat::relay
