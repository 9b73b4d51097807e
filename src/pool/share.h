// Share: how many of the recent leases went to something.
//
// Two windows of half a minute, this one and the last; what the last one counts
// for fades as this one fills. One word, changed by any worker without a lock.

#pragma once

#include <atomic>
#include <cstdint>

#include "pool/moment.h"

namespace wasat::pool {

class Share {
 public:
  static constexpr Ticks kWindow = 30'000'000'000;

  // Two that count at the same instant may count as one: this is an estimate.
  void count(Ticks now) {
    Windows windows = unpack(word_.load(std::memory_order_relaxed), now);
    if (windows.current < kMost) ++windows.current;
    word_.store(pack(windows), std::memory_order_relaxed);
  }

  // Leases in the last half minute, about.
  float recent(Ticks now) const {
    const Windows windows = unpack(word_.load(std::memory_order_relaxed), now);
    const float passed = static_cast<float>(now % kWindow) / static_cast<float>(kWindow);
    return static_cast<float>(windows.current) + static_cast<float>(windows.last) * (1 - passed);
  }

 private:
  static constexpr std::uint64_t kMost = (1U << 24) - 1;
  struct Windows {
    std::uint64_t number = 0;
    std::uint64_t last = 0;
    std::uint64_t current = 0;
  };
  static std::uint64_t pack(Windows w) { return w.number << 48 | w.last << 24 | w.current; }
  static Windows unpack(std::uint64_t word, Ticks now) {
    const Windows stored{word >> 48, word >> 24 & kMost, word & kMost};
    const std::uint64_t number = static_cast<std::uint64_t>(now / kWindow) & 0xffff;
    if (number == stored.number) return stored;
    const bool next = number == ((stored.number + 1) & 0xffff);
    return {number, next ? stored.current : 0, 0};
  }

  std::atomic<std::uint64_t> word_{0};
};

}  // namespace wasat::pool
