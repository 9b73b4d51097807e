#include "gateway/heartbeat.h"

#include <gtest/gtest.h>

#include <thread>

namespace wasat::gateway {
namespace {

using std::chrono::milliseconds;

// Counts, and can be held in the middle of a beat.
class Counter final : public Heartbeat::Pulse {
 public:
  explicit Counter(net::Loop& loop) : loop_(loop) {}
  Task<Result<>> beat() override {
    ++beats;
    if (stop_at > 0 && beats >= stop_at) loop_.stop();
    if (slow) co_await net::sleep_for(loop_, milliseconds(40));
    co_return Result<>{};
  }
  int beats = 0;
  int stop_at = 0;
  bool slow = false;

 private:
  net::Loop& loop_;
};

class HeartbeatTest : public testing::Test {
 protected:
  Task<> stop_after(milliseconds time) {
    co_await net::sleep_for(loop_, time);
    loop_.stop();
  }
  void run_for(milliseconds time) {
    TaskScope scope;
    scope.start(stop_after(time));
    loop_.run();
  }

  const SystemClock clock_;
  net::Loop loop_;
  Counter counter_{loop_};
};

TEST_F(HeartbeatTest, BeatsAgainAndAgainWhileItIsOn) {
  Heartbeat heartbeat(loop_, clock_, milliseconds(20), counter_);
  const auto begin = clock_.now();
  counter_.stop_at = 3;
  heartbeat.on(begin);
  loop_.run();
  EXPECT_GE(clock_.now() - begin, milliseconds(60));
  EXPECT_EQ(counter_.beats, 3);
  heartbeat.off();
}

TEST_F(HeartbeatTest, SilentWhileItIsOff) {
  Heartbeat heartbeat(loop_, clock_, milliseconds(10), counter_);
  heartbeat.on(clock_.now());
  heartbeat.off();
  run_for(milliseconds(60));
  EXPECT_EQ(counter_.beats, 0);
}

TEST_F(HeartbeatTest, SilenceCountsFromTheLastWord) {
  Heartbeat heartbeat(loop_, clock_, milliseconds(50), counter_);
  heartbeat.on(clock_.now());
  run_for(milliseconds(30));
  const Clock::Steady last = clock_.now();
  counter_.stop_at = counter_.beats + 1;
  heartbeat.on(last);
  loop_.run();
  EXPECT_GE(clock_.now() - last, milliseconds(50));
  heartbeat.off();
}

TEST_F(HeartbeatTest, ABeatUnderWayIsWaitedFor) {
  counter_.slow = true;
  counter_.stop_at = 1;
  Heartbeat heartbeat(loop_, clock_, milliseconds(10), counter_);
  heartbeat.on(clock_.now());
  loop_.run();
  heartbeat.off();
  ASSERT_TRUE(heartbeat.beating());
  bool over = false;
  const auto wait = [&]() -> Task<> {
    co_await heartbeat.ended();
    over = true;
    loop_.stop();
  };
  TaskScope scope;
  scope.start(wait());
  EXPECT_FALSE(over);
  loop_.run();
  EXPECT_TRUE(over);
  EXPECT_FALSE(heartbeat.beating());
}

TEST_F(HeartbeatTest, ZeroIsNever) {
  Heartbeat heartbeat(loop_, clock_, milliseconds(0), counter_);
  heartbeat.on(clock_.now());
  run_for(milliseconds(30));
  EXPECT_EQ(counter_.beats, 0);
}

}  // namespace
}  // namespace wasat::gateway
