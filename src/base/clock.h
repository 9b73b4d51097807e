// Time as something that is given, never looked up.
//
// Whoever needs the time holds a `const Clock&`; composition gives the
// SystemClock, tests a ManualClock. Both may be used from any thread.

#pragma once

#include <time.h>

#include <atomic>
#include <chrono>

namespace wasat {

class Clock {
 public:
  using Steady = std::chrono::steady_clock::time_point;
  using Wall = std::chrono::system_clock::time_point;

  virtual ~Clock() = default;
  // For deadlines and durations: never goes back.
  virtual Steady now() const = 0;
  // The same, a few milliseconds behind; for what is asked for several times a request
  // and needs no better.
  virtual Steady coarse() const { return now(); }
  // For what people and other machines read: may jump.
  virtual Wall wall() const = 0;
};

class SystemClock final : public Clock {
 public:
  Steady now() const override { return std::chrono::steady_clock::now(); }
  Steady coarse() const override {
    timespec time;
    ::clock_gettime(CLOCK_MONOTONIC_COARSE, &time);
    return Steady(std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec));
  }
  Wall wall() const override { return std::chrono::system_clock::now(); }
};

// Stands still until it is moved.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(Wall wall = Wall(std::chrono::seconds(1'800'000'000)))
      : wall_(wall.time_since_epoch()) {}

  Steady now() const override {
    return Steady(std::chrono::duration_cast<Steady::duration>(steady_.load()));
  }
  Wall wall() const override {
    return Wall(std::chrono::duration_cast<Wall::duration>(wall_.load()));
  }

  void advance(std::chrono::nanoseconds time) {
    steady_ = steady_.load() + time;
    wall_ = wall_.load() + time;
  }
  // The wall clock alone, as when the machine's time is set.
  void jump(std::chrono::nanoseconds time) { wall_ = wall_.load() + time; }

 private:
  std::atomic<std::chrono::nanoseconds> steady_{std::chrono::hours(1)};
  std::atomic<std::chrono::nanoseconds> wall_;
};

}  // namespace wasat
