// Sums of entries by minute, hour and day, gathered for one transaction.
//
// Not thread-safe; belongs to whoever writes. What it has is added to the sums that are on
// disk, so the order of entries does not matter: a clock that jumps back adds to earlier
// steps once more, and each entry counts once.

#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>
#include <unordered_map>

#include "store/ledger.h"
#include "store/ledger/note_members.h"

namespace wasat::store {

inline constexpr std::size_t kUsageKeys = 6;
// How long sums are kept; days for good.
inline constexpr std::chrono::hours kMinutesKept{24};
inline constexpr std::chrono::hours kHoursKept{24 * 92};

// The numbers of a sum, in the order of the file.
inline constexpr std::array<std::int64_t UsageSum::*, 11> kSumNumbers = {
    &UsageSum::requests,    &UsageSum::failures,      &UsageSum::attempts,   &UsageSum::input,
    &UsageSum::cached,      &UsageSum::output,        &UsageSum::thoughts,   &UsageSum::cost,
    &UsageSum::first_bytes, &UsageSum::first_byte_us, &UsageSum::duration_us};

// kWhole has none.
std::chrono::milliseconds step_length(UsageStep step);
Time step_start(Time time, UsageStep step);

// Adds `more` to `sum`, but for its time and key.
void add_up(UsageSum& sum, const UsageSum& more);
// Counts an entry. `failed`: is_failure() of its outcome.
void add_entry(UsageSum& sum, const NoteOwn& note, bool failed);

class Sums {
 public:
  // Where entries of `minute` with the texts of `note` count, of those with an attempt or of
  // those without. The reference stays good; what the note's views point to outlives this object.
  UsageSum& at(Time minute, const LedgerNote& note, bool attempted);
  // Calls `use` with each sum, its key and step: grouped by key and step.
  void each(const std::function<void(UsageKey, UsageStep, const UsageSum&)>& use) const;

 private:
  // Entries that belong to the same sums are added up first: of the next thousand
  // entries of a busy gateway, many do.
  struct Place {
    Time minute;
    std::array<std::string_view, kUsageKeys> keys;  // of kNothing an empty one
    bool operator==(const Place&) const = default;
  };
  struct Hash {
    std::size_t operator()(const Place& place) const;
  };
  std::unordered_map<Place, UsageSum, Hash> places_;
};

}  // namespace wasat::store
