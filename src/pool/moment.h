// Moment: the same instant by both clocks.
//
// While Wasat runs it reckons with steady time, which never jumps. The wall clock
// is for what is stored, shown, or said by the upstream ("until midnight").

#pragma once

#include <chrono>
#include <cstdint>
#include <limits>

#include "base/clock.h"

namespace wasat::pool {

using WallTime = std::chrono::system_clock::time_point;

// Nanoseconds of the steady clock: one word, for atomics.
using Ticks = std::int64_t;
inline constexpr Ticks kNever = std::numeric_limits<Ticks>::max();

inline Ticks ticks_of(Clock::Steady time) {
  return std::chrono::duration_cast<std::chrono::nanoseconds>(time.time_since_epoch()).count();
}

struct Moment {
  Ticks steady = 0;
  WallTime wall;

  static Moment now(const Clock& clock) { return {ticks_of(clock.now()), clock.wall()}; }

  // When `wall` will be, if the clock does not jump; kNever for the end of time.
  Ticks steady_at(WallTime at) const {
    if (at == WallTime::max()) return kNever;
    const auto left = std::chrono::duration_cast<std::chrono::nanoseconds>(at - wall).count();
    return left <= 0 ? 0 : left >= kNever - steady ? kNever : steady + left;
  }
};

}  // namespace wasat::pool
