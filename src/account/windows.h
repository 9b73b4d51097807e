// Counting within time: a minute that slides, and days and months that follow one
// another. Plain values; whoever holds them guards them.

#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>

#include "account/limits.h"

namespace wasat::account {

// What was counted in the last minute, second by second. Nothing is forgotten before it is
// sixty seconds old, so no minute anywhere holds more than a limit on this sum. Seconds are
// those of a clock that never goes back.
class SlidingMinute {
 public:
  static constexpr std::int64_t kKept = 61;  // seconds: the first of them is only partly over

  std::int64_t sum(std::int64_t second) {
    forget(second);
    return sum_;
  }
  void add(std::int64_t second, std::int64_t amount) {
    forget(second);
    slots_[slot(second)] += amount;
    sum_ += amount;
  }
  // Changes what was counted at `then`; what is forgotten already stays so.
  void correct(std::int64_t now, std::int64_t then, std::int64_t amount) {
    forget(now);
    if (then <= now - kKept) return;
    slots_[slot(then)] += amount;
    sum_ += amount;
  }
  // How many seconds from `now` on until the sum is at most `most`; kKept at most.
  std::int64_t seconds_until(std::int64_t now, std::int64_t most) {
    forget(now);
    std::int64_t left = sum_;
    for (std::int64_t age = kKept - 1; age > 0 && left > most; --age) {
      left -= slots_[slot(now - age)];
      if (left <= most) return kKept - age;
    }
    return left <= most ? 0 : kKept;
  }

 private:
  static constexpr std::size_t kSlots = 64;
  static std::size_t slot(std::int64_t second) {
    return static_cast<std::size_t>(second) & (kSlots - 1);
  }
  void forget(std::int64_t second) {
    if (second <= newest_) return;
    // Those that lie a whole turn back are all over.
    const std::int64_t first = std::max(newest_ - kKept + 1, second - kKept - std::int64_t{kSlots});
    for (std::int64_t each = first; each <= second - kKept; ++each) {
      sum_ -= slots_[slot(each)];
      slots_[slot(each)] = 0;
    }
    newest_ = second;
  }

  std::array<std::int64_t, kSlots> slots_{};
  std::int64_t newest_ = 0;
  std::int64_t sum_ = 0;
};

struct Period {
  std::int64_t index = -1;  // which day, or month, since 1970
  std::int64_t requests = 0;
  std::int64_t input = 0;
  Money cost = 0;
};

// The current period and the one that was current before: when the wall clock was wrong for a
// while, what was counted before counts again.
class Periods {
 public:
  Period& at(std::int64_t index) {
    if (periods_[current_].index == index) return periods_[current_];
    current_ = 1 - current_;
    if (periods_[current_].index != index) periods_[current_] = {.index = index};
    return periods_[current_];
  }
  // The same without making it the current one; null: it is forgotten.
  Period* find(std::int64_t index) {
    const auto found = std::ranges::find(periods_, index, &Period::index);
    return found == periods_.end() ? nullptr : &*found;
  }

 private:
  std::array<Period, 2> periods_;
  std::size_t current_ = 0;
};

// Of UTC.
inline std::int64_t day_of(std::chrono::system_clock::time_point wall) {
  return std::chrono::floor<std::chrono::days>(wall).time_since_epoch().count();
}
inline std::chrono::year_month month_at(std::chrono::system_clock::time_point wall) {
  const std::chrono::year_month_day date(std::chrono::floor<std::chrono::days>(wall));
  return date.year() / date.month();
}
inline std::int64_t month_of_day(std::int64_t day) {
  const std::chrono::year_month month = month_at(std::chrono::sys_days(std::chrono::days(day)));
  return std::int64_t{int(month.year())} * 12 + unsigned(month.month()) - 1;
}
inline std::chrono::system_clock::time_point next_day(std::chrono::system_clock::time_point wall) {
  return std::chrono::floor<std::chrono::days>(wall) + std::chrono::days(1);
}
inline std::chrono::system_clock::time_point next_month(
    std::chrono::system_clock::time_point wall) {
  return std::chrono::sys_days((month_at(wall) + std::chrono::months(1)) / 1);
}

}  // namespace wasat::account
