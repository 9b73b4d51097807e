#include "gateway/together.h"

#include <gtest/gtest.h>

namespace wasat::gateway {
namespace {

using std::chrono::milliseconds;

struct Sleeper {
  Cancel cancel;
  bool slept = false;
  bool ended = false;
};

Task<> sleep(net::Loop& loop, Sleeper& sleeper, milliseconds time) {
  sleeper.slept = co_await net::sleep_for(loop, time, &sleeper.cancel);
  sleeper.ended = true;
}

TEST(Together, WaitsForOneAtATime) {
  net::Loop loop;
  Cancel exchange;
  Sleeper quick;
  Sleeper slow;
  const auto main = [&]() -> Task<> {
    Together together(loop, exchange);
    together.start(sleep(loop, quick, milliseconds(5)), quick.cancel);
    together.start(sleep(loop, slow, milliseconds(60)), slow.cancel);
    co_await together.one_ended();
    EXPECT_TRUE(quick.slept);
    EXPECT_FALSE(slow.ended);
    while (together.running() > 0) co_await together.one_ended();
    EXPECT_TRUE(slow.slept);
    loop.stop();
  };
  TaskScope scope;
  scope.start(main());
  loop.run();
}

TEST(Together, TheExchangesCancelReachesAll) {
  net::Loop loop;
  Cancel exchange;
  std::array<Sleeper, 3> sleepers;
  bool done = false;
  const auto main = [&]() -> Task<> {
    Together together(loop, exchange);
    for (Sleeper& each : sleepers) {
      together.start(sleep(loop, each, std::chrono::hours(1)), each.cancel);
    }
    while (together.running() > 0) co_await together.one_ended();
    done = true;
    loop.stop();
  };
  TaskScope scope;
  scope.start(main());
  exchange.request();
  loop.run();
  EXPECT_TRUE(done);
  for (const Sleeper& each : sleepers) EXPECT_TRUE(each.ended && !each.slept);
}

TEST(Together, WhatStartsLateIsCancelledAtOnce) {
  net::Loop loop;
  Cancel exchange;
  exchange.request();
  Sleeper sleeper;
  const auto main = [&]() -> Task<> {
    Together together(loop, exchange);
    together.start(sleep(loop, sleeper, std::chrono::hours(1)), sleeper.cancel);
    EXPECT_EQ(together.running(), 0u);
    co_await together.one_ended();
  };
  TaskScope scope;
  scope.start(main());
  EXPECT_TRUE(sleeper.ended && !sleeper.slept);
}

}  // namespace
}  // namespace wasat::gateway
