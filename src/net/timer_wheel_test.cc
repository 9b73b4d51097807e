#include "net/timer_wheel.h"

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>

namespace wasat::net {
namespace {

using std::chrono::milliseconds;

struct Recorder final : TimerEntry {
  void expired() override { ++fired; }
  int fired = 0;
};

class TimerWheelTest : public ::testing::Test {
 protected:
  TimePoint start_{std::chrono::hours(5)};
  TimerWheel wheel_{start_};
};

TEST_F(TimerWheelTest, FiresAtOrSoonAfterTheDeadlineAndNeverBefore) {
  Recorder entry;
  wheel_.add(entry, start_ + milliseconds(100));
  wheel_.advance(start_ + milliseconds(99));
  EXPECT_EQ(entry.fired, 0);
  wheel_.advance(start_ + milliseconds(100) + TimerWheel::kTick);
  EXPECT_EQ(entry.fired, 1);
  EXPECT_FALSE(entry.scheduled());
}

TEST_F(TimerWheelTest, KeepsDeadlinesBeyondOneTurn) {
  Recorder entry;
  wheel_.add(entry, start_ + std::chrono::seconds(240));
  for (int second = 1; second < 240; ++second)
    wheel_.advance(start_ + std::chrono::seconds(second));
  EXPECT_EQ(entry.fired, 0);
  wheel_.advance(start_ + std::chrono::seconds(241));
  EXPECT_EQ(entry.fired, 1);
}

TEST_F(TimerWheelTest, ADestroyedEntryIsForgotten) {
  auto entry = std::make_unique<Recorder>();
  wheel_.add(*entry, start_ + milliseconds(10));
  entry.reset();
  wheel_.advance(start_ + milliseconds(50));
  EXPECT_EQ(wheel_.next_wakeup(), kNoDeadline);
}

struct RemovesOther final : TimerEntry {
  void expired() override { TimerWheel::remove(*other); }
  TimerEntry* other = nullptr;
};

TEST_F(TimerWheelTest, AnEntryMayRemoveAnotherThatIsDueToo) {
  RemovesOther first;
  Recorder second;
  first.other = &second;
  wheel_.add(first, start_ + milliseconds(10));
  wheel_.add(second, start_ + milliseconds(10));
  wheel_.advance(start_ + milliseconds(50));
  EXPECT_EQ(second.fired, 0);
}

TEST_F(TimerWheelTest, NextWakeupIsNeverLaterThanOneTickBehindTheEarliestDeadline) {
  std::mt19937 random(7);
  std::vector<std::unique_ptr<Recorder>> entries;
  std::multimap<TimePoint, Recorder*> expected;
  for (int i = 0; i < 500; ++i) {
    entries.push_back(std::make_unique<Recorder>());
    const TimePoint deadline = start_ + milliseconds(random() % 60000);
    wheel_.add(*entries.back(), deadline);
    expected.emplace(deadline, entries.back().get());
  }
  TimePoint now = start_;
  for (int step = 0; step < 200000 && !expected.empty(); ++step) {
    now = wheel_.next_wakeup();
    ASSERT_NE(now, kNoDeadline);
    ASSERT_LE(now, expected.begin()->first + 2 * TimerWheel::kTick);
    wheel_.advance(now);
    while (!expected.empty() && expected.begin()->second->fired == 1) {
      ASSERT_LE(expected.begin()->first, now);
      expected.erase(expected.begin());
    }
  }
  EXPECT_TRUE(expected.empty());
  EXPECT_EQ(wheel_.next_wakeup(), kNoDeadline);
}

}  // namespace
}  // namespace wasat::net
