#include "pool/available_set.h"

#include <algorithm>
#include <bit>

namespace wasat::pool {

AvailableSet::AvailableSet(std::uint32_t members)
    : members_(members),
      slots_(std::make_unique<std::atomic<Credential*>[]>(members)),
      bits_(std::make_unique<std::atomic<std::uint64_t>[]>((members + 63) / 64)),
      slot_of_(members, kOut),
      place_of_(members),
      standings_(members, Standing::kDisabled),
      until_of_(members, 0),
      return_of_(members, 0) {
  counts_[static_cast<std::size_t>(Standing::kDisabled)] = members;
}

std::uint32_t AvailableSet::first_from(std::uint32_t place) const {
  if (place >= members_) return UINT32_MAX;
  const std::uint32_t words = (members_ + 63) / 64;
  std::uint32_t word = place / 64;
  std::uint64_t bits = bits_[word].load(std::memory_order_relaxed) & (~0ULL << (place % 64));
  while (bits == 0) {
    if (++word == words) return UINT32_MAX;
    bits = bits_[word].load(std::memory_order_relaxed);
  }
  return word * 64 + static_cast<std::uint32_t>(std::countr_zero(bits));
}

void AvailableSet::put(std::uint32_t place, Credential* member, Standing standing, Ticks until) {
  --counts_[static_cast<std::size_t>(standings_[place])];
  ++counts_[static_cast<std::size_t>(standing)];
  standings_[place] = standing;
  if (standing == Standing::kAvailable) {
    if (slot_of_[place] == kOut) insert(place, member);
    return;
  }
  if (slot_of_[place] != kOut) remove(place);
  if (standing != Standing::kCooling) return;
  until_of_[place] = until;
  // An entry for an earlier time is looked at then, and corrected.
  if (return_of_[place] == 0 || return_of_[place] > until) await_return(place, until);
}

void AvailableSet::await_return(std::uint32_t place, Ticks at) {
  return_of_[place] = at;
  heap_.push_back({at, place});
  std::ranges::push_heap(heap_, std::greater());
}

AvailableSet::Return AvailableSet::pop() {
  std::ranges::pop_heap(heap_, std::greater());
  const Return next = heap_.back();
  heap_.pop_back();
  return next;
}

std::uint32_t AvailableSet::take_returned(Ticks now) {
  while (!heap_.empty() && heap_.front().at <= now) {
    const Return next = pop();
    if (return_of_[next.place] != next.at) continue;  // it was put forward since
    return_of_[next.place] = 0;
    if (standings_[next.place] == Standing::kCooling) return next.place;
  }
  return UINT32_MAX;
}

Ticks AvailableSet::earliest_return() {
  while (!heap_.empty()) {
    const auto [at, place] = heap_.front();
    const bool counts = return_of_[place] == at && standings_[place] == Standing::kCooling;
    if (counts && until_of_[place] <= at) return at;
    pop();
    if (return_of_[place] != at) continue;
    return_of_[place] = 0;
    if (counts) await_return(place, until_of_[place]);
  }
  return kNever;
}

void AvailableSet::insert(std::uint32_t place, Credential* member) {
  const std::uint32_t slot = size_.load(std::memory_order_relaxed);
  slots_[slot].store(member, std::memory_order_relaxed);
  place_of_[slot] = place;
  slot_of_[place] = slot;
  bits_[place / 64].fetch_or(1ULL << (place % 64), std::memory_order_relaxed);
  size_.store(slot + 1, std::memory_order_release);
}

void AvailableSet::remove(std::uint32_t place) {
  const std::uint32_t slot = slot_of_[place];
  const std::uint32_t last = size_.load(std::memory_order_relaxed) - 1;
  // The last one takes its slot.
  slots_[slot].store(slots_[last].load(std::memory_order_relaxed), std::memory_order_relaxed);
  place_of_[slot] = place_of_[last];
  slot_of_[place_of_[slot]] = slot;
  slot_of_[place] = kOut;
  bits_[place / 64].fetch_and(~(1ULL << (place % 64)), std::memory_order_relaxed);
  size_.store(last, std::memory_order_release);
}

}  // namespace wasat::pool
