// AvailableSet: those members of a lane that can serve now, for any model or for one.
//
// One dense array, so that a random member is one look away however many there are
// and however many of them are out. Changed under the index's lock; read by any
// worker without one: a reader may see a member twice or miss one while the array
// changes, and asks the credential itself before it uses it.
//
// Those that will be back at a known time wait in a heap. A bit per member, in
// the pool's order, finds the first one for fill-first.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <vector>

#include "pool/credential.h"

namespace wasat::pool {

// Why a member is in the set, or not.
enum class Standing : std::uint8_t {
  kAvailable,
  kBusy,      // full, or being tried: back when a lease is settled
  kCooling,   // back at a known time
  kNoQuota,   // none for this model, ever
  kDisabled,  // until a person acts
  kCount,
};

class AvailableSet {
 public:
  explicit AvailableSet(std::uint32_t members);

  // Any thread.
  std::uint32_t size() const { return size_.load(std::memory_order_acquire); }
  // `index` < size(), a moment ago.
  Credential* at(std::uint32_t index) const {
    return slots_[index].load(std::memory_order_relaxed);
  }
  // The place of the first available member at or behind `place`; UINT32_MAX: there is none.
  std::uint32_t first_from(std::uint32_t place) const;

  // Under the index's lock.
  void put(std::uint32_t place, Credential* member, Standing standing, Ticks until);
  Standing standing(std::uint32_t place) const { return standings_[place]; }
  std::uint32_t count(Standing standing) const {
    return counts_[static_cast<std::size_t>(standing)];
  }
  // When the next member may be back; kNever: none will. At or before the truth.
  Ticks next_return() const { return heap_.empty() ? kNever : heap_.front().at; }
  // The same, exactly.
  Ticks earliest_return();
  // The place of a member whose time has come, taken from the heap; UINT32_MAX: none has.
  std::uint32_t take_returned(Ticks now);

 private:
  struct Return {
    Ticks at;
    std::uint32_t place;
    bool operator>(const Return& other) const { return at > other.at; }
  };
  static constexpr std::uint32_t kOut = UINT32_MAX;

  void insert(std::uint32_t place, Credential* member);
  void remove(std::uint32_t place);
  void await_return(std::uint32_t place, Ticks at);
  Return pop();

  std::uint32_t members_;
  std::unique_ptr<std::atomic<Credential*>[]> slots_;
  std::atomic<std::uint32_t> size_{0};
  std::unique_ptr<std::atomic<std::uint64_t>[]> bits_;
  std::vector<std::uint32_t> slot_of_;   // by place; kOut
  std::vector<std::uint32_t> place_of_;  // by slot
  std::vector<Standing> standings_;      // by place
  std::vector<Ticks> until_of_;          // by place, while it is cooling
  std::vector<Ticks> return_of_;         // by place: its entry in the heap; 0: none
  std::vector<Return> heap_;             // the earliest first
  std::array<std::uint32_t, static_cast<std::size_t>(Standing::kCount)> counts_{};
};

}  // namespace wasat::pool
