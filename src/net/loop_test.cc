#include "net/loop.h"

#include <gtest/gtest.h>

#include <memory>
#include <thread>
#include <vector>

namespace wasat::net {
namespace {

TEST(Loop, RunsWhatIsPostedInItsOrder) {
  Loop loop;
  std::vector<int> ran;
  loop.post([&] {
    ran.push_back(1);
    loop.post([&] { ran.push_back(3); });
  });
  loop.post([&] { ran.push_back(2); });
  loop.run_ready();
  EXPECT_EQ(ran, (std::vector<int>{1, 2, 3}));
}

TEST(Loop, RunsWhatWasPostedBeforeTheStop) {
  Loop loop;
  bool ran = false;
  loop.post([&] { ran = true; });
  loop.stop();
  loop.run();
  EXPECT_TRUE(ran);
}

TEST(Loop, GivesBackWhatWasNeverRun) {
  const auto owned = std::make_shared<int>(1);
  {
    Loop loop;
    loop.post([owned] {});
    EXPECT_EQ(owned.use_count(), 2);
  }
  EXPECT_EQ(owned.use_count(), 1);
}

struct Alarm final : TimerEntry {
  Alarm(Loop& on, std::vector<int>& in, int number) : loop(on), rung(in), name(number) {}
  void expired() override {
    rung.push_back(name);
    if (name == 3) loop.stop();
  }
  Loop& loop;
  std::vector<int>& rung;
  int name;
};

TEST(Loop, FiresTimersInTheOrderOfTheirDeadlines) {
  Loop loop;
  std::vector<int> rung;
  Alarm first(loop, rung, 1);
  Alarm second(loop, rung, 2);
  Alarm third(loop, rung, 3);
  Alarm never(loop, rung, 0);
  const TimePoint now = std::chrono::steady_clock::now();
  loop.schedule(third, now + 12 * TimerWheel::kTick);
  loop.schedule(first, now + 2 * TimerWheel::kTick);
  loop.schedule(second, now + 6 * TimerWheel::kTick);
  loop.schedule(never, kNoDeadline);
  loop.run();
  EXPECT_EQ(rung, (std::vector<int>{1, 2, 3}));
  EXPECT_GE(std::chrono::steady_clock::now(), now + 12 * TimerWheel::kTick);
}

// With nothing scheduled the wait has no end of its own: a bell that was not heard hangs here.
TEST(Loop, IsWokenFromOtherThreads) {
  constexpr int kThreads = 4;
  constexpr int kEach = 2'000;
  Loop loop;
  int ran = 0;
  std::vector<std::jthread> threads;
  for (int number = 0; number < kThreads; ++number) {
    threads.emplace_back([&] {
      for (int i = 0; i < kEach; ++i) {
        loop.post([&] {
          if (++ran == kThreads * kEach) loop.stop();
        });
      }
    });
  }
  loop.run();
  EXPECT_EQ(ran, kThreads * kEach);
}

// The posting thread may still be on its way out of post() when its work has run: only a
// thread sanitizer sees whether it had done with the loop by then.
TEST(Loop, MayEndOnceWhatWasPostedHasRun) {
  for (int round = 0; round < 500; ++round) {
    auto loop = std::make_unique<Loop>();
    const std::jthread poster([&there = *loop] { there.stop(); });
    loop->run();
    loop.reset();
  }
}

}  // namespace
}  // namespace wasat::net
