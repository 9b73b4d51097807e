// TimerWheel: the deadlines of one worker, coarse and cheap.
//
// Thousands of connections have deadlines that almost never pass, so adding and
// removing cost a few instructions: an entry is a link in one of kSlots lists,
// each kTick long. Entries further away than one turn stay in their slot and are
// looked at once per turn. A deadline fires up to kTick late, never early.

#pragma once

#include <array>
#include <chrono>
#include <cstdint>

namespace wasat::net {

using TimePoint = std::chrono::steady_clock::time_point;
inline constexpr TimePoint kNoDeadline = TimePoint::max();

class TimerEntry {
 public:
  TimerEntry() = default;
  TimerEntry(const TimerEntry&) = delete;
  TimerEntry& operator=(const TimerEntry&) = delete;

  // The deadline passed; the entry is no longer in the wheel and may be destroyed in here.
  virtual void expired() = 0;
  bool scheduled() const { return next_ != nullptr; }

 protected:
  ~TimerEntry() { unlink(); }

 private:
  friend class TimerWheel;
  void unlink() {
    if (next_ == nullptr) return;
    prev_->next_ = next_;
    next_->prev_ = prev_;
    next_ = prev_ = nullptr;
  }

  TimerEntry* next_ = nullptr;
  TimerEntry* prev_ = nullptr;
  TimePoint deadline_;
};

class TimerWheel {
 public:
  static constexpr std::chrono::milliseconds kTick{8};
  static constexpr std::size_t kSlots = 1024;

  explicit TimerWheel(TimePoint start);
  ~TimerWheel();

  // Schedules or reschedules. `entry` must outlive its scheduling; destroying it removes it.
  void add(TimerEntry& entry, TimePoint deadline);
  static void remove(TimerEntry& entry) { entry.unlink(); }

  // Fires all entries whose deadline is at or before `now`.
  void advance(TimePoint now);
  // When advance() should be called next; kNoDeadline when the wheel is empty.
  TimePoint next_wakeup();

 private:
  struct Head : TimerEntry {
    void expired() override {}
  };
  std::int64_t tick_of(TimePoint time) const;
  bool slot_empty(std::size_t slot) const { return slots_[slot].next_ == &slots_[slot]; }
  static void link(Head& head, TimerEntry& entry);

  TimePoint start_;
  std::int64_t current_ = 0;  // ticks before this one have been looked at
  std::array<Head, kSlots> slots_;
  std::array<std::uint64_t, kSlots / 64> maybe_used_{};  // bits of slots that may hold entries
};

}  // namespace wasat::net
