// Sums of entries by minute, hour and day, gathered for one transaction.
//
// Not thread-safe; belongs to whoever writes. What it has is added to the sums that are on
// disk, so the order of entries does not matter: a clock that jumps back adds to earlier
// steps once more, and each entry counts once.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>

#include "store/ledger.h"

namespace wasat::store {

inline constexpr std::size_t kUsageKeys = 6;
// How long sums are kept; days for good.
inline constexpr std::chrono::hours kMinutesKept{24};
inline constexpr std::chrono::hours kHoursKept{24 * 92};

// kWhole has none.
std::chrono::milliseconds step_length(UsageStep step);
Time step_start(Time time, UsageStep step);

// The numbers alone.
void add_up(UsageSum& sum, const UsageSum& more);

class Sums {
 public:
  void add(const LedgerNote& note);
  // Calls `use` with each sum, its key and step: grouped by key and step.
  void each(const std::function<void(UsageKey, UsageStep, const UsageSum&)>& use) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const;
  };
  using ByText = std::unordered_map<std::string, UsageSum, Hash, std::equal_to<>>;
  struct Minute {
    std::array<ByText, kUsageKeys> keys;
    std::array<ByText::value_type*, kUsageKeys> recent{};
  };
  void add_to(Minute& minute, UsageKey key, std::string_view text, const UsageSum& entry);

  std::map<Time, Minute> minutes_;
  Minute* recent_ = nullptr;
  Time recent_start_;
};

}  // namespace wasat::store
