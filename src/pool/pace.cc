#include "pool/pace.h"

#include <algorithm>
#include <cmath>

namespace wasat::pool {
namespace {

constexpr double kFirst = 250'000;  // nanoseconds
constexpr double kPerOctave = 3;
constexpr double kHalfLife = 30e9;

}  // namespace

std::uint8_t Pace::bucket_of(std::chrono::nanoseconds time) {
  const double octaves = std::log2(std::max(1.0, static_cast<double>(time.count()) / kFirst));
  return static_cast<std::uint8_t>(
      std::min(static_cast<double>(kBuckets - 1), octaves * kPerOctave));
}

std::chrono::nanoseconds Pace::upper_bound(std::size_t bucket) {
  return std::chrono::nanoseconds(static_cast<std::int64_t>(
      kFirst * std::exp2((static_cast<double>(bucket) + 1) / kPerOctave)));
}

void Pace::add(std::span<const std::uint8_t> first_chunks, std::uint32_t successes, Ticks now) {
  for (const std::uint8_t bucket : first_chunks) {
    buckets_[bucket].fetch_add(1, std::memory_order_relaxed);
  }
  const auto count = static_cast<std::uint32_t>(first_chunks.size());
  const std::uint32_t before = added_.fetch_add(count, std::memory_order_relaxed);
  if (count > 0 &&
      (typical_.load(std::memory_order_relaxed) == 0 || before / 64 != (before + count) / 64)) {
    reckon();
  }
  const std::lock_guard lock(mutex_);
  fade(now);
  successes_ += successes;
}

void Pace::add_fault(Ticks now) {
  const std::lock_guard lock(mutex_);
  fade(now);
  faults_ += 1;
}

double Pace::fault_share(Ticks now) const {
  const std::lock_guard lock(mutex_);
  fade(now);
  const double all = successes_ + faults_;
  return all > 0 ? faults_ / all : 0;
}

void Pace::fade(Ticks now) const {
  if (now <= faded_) return;
  const double left = std::exp2(-static_cast<double>(now - faded_) / kHalfLife);
  successes_ *= left;
  faults_ *= left;
  faded_ = now;
}

void Pace::reckon() {
  std::array<std::uint32_t, kBuckets> counts{};
  std::uint32_t total = 0;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    counts[i] = buckets_[i].load(std::memory_order_relaxed);
    total += counts[i];
  }
  if (total < kEnough) return;
  std::uint32_t sum = 0;
  bool half = false;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    sum += counts[i];
    if (!half && sum * 2 >= total) {
      typical_.store(upper_bound(i).count(), std::memory_order_relaxed);
      half = true;
    }
    if (std::uint64_t{sum} * 100 >= std::uint64_t{total} * 95) {
      late_.store(upper_bound(i).count(), std::memory_order_relaxed);
      break;
    }
  }
  if (total < kFull) return;
  for (std::size_t i = 0; i < kBuckets; ++i) {
    buckets_[i].fetch_sub(counts[i] / 2, std::memory_order_relaxed);
  }
}

}  // namespace wasat::pool
