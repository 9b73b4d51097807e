// Backoff: how long to wait before the next try to connect.
//
// The bound doubles with each failure in a row; the wait is drawn from its upper half, so
// that the nodes of a relay that has fallen do not come back in step. Belongs to one loop.

#pragma once

#include <algorithm>
#include <chrono>

#include "base/random.h"

namespace wasat::node {

class Backoff {
 public:
  using Time = std::chrono::milliseconds;
  Backoff(Time first, Time longest, Random random)
      : first_(first), longest_(longest), bound_(first), random_(random) {}

  Time next() {
    const Time bound = std::exchange(bound_, std::min(longest_, bound_ * 2));
    const auto half = bound.count() / 2;
    return Time(half + static_cast<std::int64_t>(
                           random_.below(static_cast<std::uint64_t>(bound.count() - half) + 1)));
  }
  // A connection has held.
  void reset() { bound_ = first_; }

 private:
  const Time first_;
  const Time longest_;
  Time bound_;
  Random random_;
};

}  // namespace wasat::node
