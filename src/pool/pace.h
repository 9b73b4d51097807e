// Pace: how one model fares over the whole pool: how soon first chunks come, and
// what share of attempts the upstream fails.
//
// What one credential does is judged by it: slow is what is slower than the others,
// and a fault that everybody meets is nobody's. Shared by all workers, who add to it
// by the handful.

#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
#include <span>

#include "pool/moment.h"

namespace wasat::pool {

class Pace {
 public:
  // Three to an octave, from a quarter of a millisecond.
  static constexpr std::size_t kBuckets = 64;
  static std::uint8_t bucket_of(std::chrono::nanoseconds time);
  static std::chrono::nanoseconds upper_bound(std::size_t bucket);

  void add(std::span<const std::uint8_t> first_chunks, std::uint32_t successes, Ticks now);
  void add_fault(Ticks now);

  // Half of the first chunks come sooner; zero: not enough is known.
  std::chrono::nanoseconds typical() const {
    return std::chrono::nanoseconds(typical_.load(std::memory_order_relaxed));
  }
  // All but five in a hundred do.
  std::chrono::nanoseconds late() const {
    return std::chrono::nanoseconds(late_.load(std::memory_order_relaxed));
  }
  // Of the last minute's attempts the share that ended in a fault of the upstream's.
  double fault_share(Ticks now) const;

 private:
  static constexpr std::uint32_t kEnough = 20;
  static constexpr std::uint32_t kFull = 4096;  // then all count for half
  void reckon();

  std::array<std::atomic<std::uint32_t>, kBuckets> buckets_{};
  std::atomic<std::int64_t> typical_{0};
  std::atomic<std::int64_t> late_{0};
  std::atomic<std::uint32_t> added_{0};

  void fade(Ticks now) const;
  mutable std::mutex mutex_;  // of what follows; held for a few instructions
  mutable double successes_ = 0;
  mutable double faults_ = 0;
  mutable Ticks faded_ = 0;
};

}  // namespace wasat::pool
