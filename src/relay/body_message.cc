#include "relay/body_message.h"

#include <algorithm>
#include <array>
#include <utility>

#include "json/escape.h"
#include "json/find_special.h"

namespace wasat::relay {
namespace {

// Stretches from here on go out from where they lie.
constexpr std::size_t kLong = std::size_t{8} * 1024;
constexpr std::size_t kMostGathered = std::size_t{64} * 1024;

constexpr std::size_t kLongestEscape = 6;

}  // namespace

BodyMessage::BodyMessage(std::string head, const Body* body, Form form, std::string tail)
    : head_(std::move(head)),
      body_(body),
      form_(form),
      tail_(std::move(tail)),
      pieces_(body == nullptr ? 0 : body->pieces().size()) {}

std::string_view BodyMessage::part() const {
  if (part_ == 0) return head_;
  if (part_ <= pieces_) return body_->pieces()[part_ - 1];
  return part_ == pieces_ + 1 ? std::string_view(tail_) : std::string_view();
}

bool BodyMessage::is_escaped() const {
  return form_ == Form::kString && part_ > 0 && part_ <= pieces_;
}

std::string_view BodyMessage::next() {
  gathered_.clear();
  while (part_ <= pieces_ + 1) {
    const std::string_view rest = part().substr(sent_);
    if (rest.empty()) {
      ++part_;
      sent_ = 0;
      continue;
    }
    const char* const end = rest.data() + rest.size();
    const char* const plain_end = is_escaped() ? json::find_special(rest.data(), end) : end;
    const std::string_view plain(rest.data(), static_cast<std::size_t>(plain_end - rest.data()));
    if (plain.size() >= kLong) {
      if (!gathered_.empty()) return gathered_;
      sent_ += plain.size();
      return plain;
    }
    if (gathered_.size() + plain.size() + kLongestEscape > kMostGathered) return gathered_;
    gathered_ += plain;
    sent_ += plain.size();
    if (plain.size() < rest.size()) {
      json::append_escape(gathered_, rest[plain.size()]);
      ++sent_;
    }
  }
  return gathered_;
}

}  // namespace wasat::relay
