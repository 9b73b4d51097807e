// Flood: whether a node sends more than it may.
//
// Messages are counted over ten seconds, bytes over one. Belongs to one node's connection.

#pragma once

#include <algorithm>
#include <cstdint>

#include "base/clock.h"

namespace wasat::relay {

class Flood {
 public:
  // In a second; of bytes 0: any number.
  Flood(std::uint64_t most_messages, std::uint64_t most_bytes, Clock::Steady now)
      : most_messages_(kSpan * most_messages), most_bytes_(most_bytes), since_(now), paid_(now) {}

  // False: these are too many.
  bool message(Clock::Steady now) {
    if (now - since_ >= std::chrono::seconds(kSpan)) {
      since_ = now;
      messages_ = 0;
    }
    return ++messages_ <= most_messages_;
  }

  // How long nothing more may be read behind these bytes.
  Clock::Steady::duration bytes(std::uint64_t count, Clock::Steady now) {
    if (most_bytes_ == 0) return {};
    paid_ = std::max(paid_, now) +
            std::chrono::duration_cast<Clock::Steady::duration>(std::chrono::duration<double>(
                static_cast<double>(count) / static_cast<double>(most_bytes_)));
    return std::max<Clock::Steady::duration>(paid_ - now - std::chrono::seconds(1), {});
  }

 private:
  static constexpr std::uint64_t kSpan = 10;

  const std::uint64_t most_messages_;
  const std::uint64_t most_bytes_;
  std::uint64_t messages_ = 0;
  Clock::Steady since_;
  Clock::Steady paid_;  // until when what was read is paid for
};

}  // namespace wasat::relay
