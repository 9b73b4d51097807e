#include "net/timer_wheel.h"

#include <algorithm>
#include <bit>

namespace wasat::net {

TimerWheel::TimerWheel(TimePoint start) : start_(start) {
  for (Head& head : slots_) head.next_ = head.prev_ = &head;
}

TimerWheel::~TimerWheel() {
  for (Head& head : slots_) {
    while (head.next_ != &head) head.next_->unlink();
    head.next_ = head.prev_ = nullptr;
  }
}

// Rounded up, so that nothing fires early.
std::int64_t TimerWheel::tick_of(TimePoint time) const {
  return (time - start_ + kTick - TimePoint::duration(1)) / kTick;
}

void TimerWheel::link(Head& head, TimerEntry& entry) {
  entry.prev_ = head.prev_;
  entry.next_ = &head;
  head.prev_->next_ = &entry;
  head.prev_ = &entry;
}

void TimerWheel::add(TimerEntry& entry, TimePoint deadline) {
  entry.unlink();
  entry.deadline_ = deadline;
  const std::int64_t tick = std::max(tick_of(deadline), current_);
  const std::size_t slot = static_cast<std::size_t>(tick) % kSlots;
  link(slots_[slot], entry);
  maybe_used_[slot / 64] |= std::uint64_t{1} << (slot % 64);
}

void TimerWheel::advance(TimePoint now) {
  const std::int64_t last = (now - start_) / kTick;
  // After a long sleep every slot is due once; more turns would find nothing new.
  const std::int64_t first = std::max(current_, last - static_cast<std::int64_t>(kSlots) + 1);
  Head due;
  due.next_ = due.prev_ = &due;
  for (std::int64_t tick = first; tick <= last; ++tick) {
    Head& head = slots_[static_cast<std::size_t>(tick) % kSlots];
    for (TimerEntry* entry = head.next_; entry != &head;) {
      TimerEntry* next = entry->next_;
      if (entry->deadline_ <= now) {
        entry->unlink();
        link(due, *entry);
      }
      entry = next;
    }
  }
  current_ = std::max(current_, last + 1);
  // Entries may be added, removed and destroyed while others fire.
  while (due.next_ != &due) {
    TimerEntry* entry = due.next_;
    entry->unlink();
    entry->expired();
  }
  due.next_ = due.prev_ = nullptr;
}

TimePoint TimerWheel::next_wakeup() {
  const std::size_t from = static_cast<std::size_t>(current_) % kSlots;
  for (std::size_t step = 0; step < kSlots;) {
    const std::size_t slot = (from + step) % kSlots;
    const std::uint64_t bits = maybe_used_[slot / 64] >> (slot % 64);
    if (bits == 0) {
      step += 64 - slot % 64;
      continue;
    }
    const auto skipped = static_cast<std::size_t>(std::countr_zero(bits));
    step += skipped;
    if (step >= kSlots) break;
    const std::size_t found = (from + step) % kSlots;
    if (!slot_empty(found)) return start_ + (current_ + static_cast<std::int64_t>(step)) * kTick;
    maybe_used_[found / 64] &= ~(std::uint64_t{1} << (found % 64));
    ++step;
  }
  return kNoDeadline;
}

}  // namespace wasat::net
