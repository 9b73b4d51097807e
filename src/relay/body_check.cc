#include "relay/body_check.h"

namespace wasat::relay {

BodyCheck::State BodyCheck::step(std::size_t most) {
  while (piece_ < body_.pieces().size()) {
    if (most == 0) return State::kMore;
    const std::string_view part = body_.pieces()[piece_].substr(read_, most);
    if (!utf8_.feed(part) || !scanner_.push(part)) return State::kBad;
    most -= part.size();
    read_ += part.size();
    if (read_ < body_.pieces()[piece_].size()) continue;
    ++piece_;
    read_ = 0;
  }
  // The last byte of a value is no part of a longer character.
  return scanner_.finish() ? State::kGood : State::kBad;
}

}  // namespace wasat::relay
