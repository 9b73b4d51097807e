#include "admin/throttle.h"

#include <gtest/gtest.h>

namespace wasat::admin {
namespace {

using std::chrono::seconds;

TEST(AdminThrottle, WaitsTwiceAsLongEachTime) {
  ManualClock clock;
  Throttle throttle(clock, {});
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(throttle.begin("10.0.0.1")) << i;
  for (const int wait : {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900}) {
    EXPECT_EQ(throttle.begin("10.0.0.1"), seconds(wait));
    clock.advance(seconds(wait) - std::chrono::milliseconds(1));
    EXPECT_EQ(throttle.begin("10.0.0.1"), seconds(1)) << "asking does not lengthen it";
    clock.advance(std::chrono::milliseconds(1));
    EXPECT_FALSE(throttle.begin("10.0.0.1"));
  }
}

TEST(AdminThrottle, TellsAddressesApart) {
  ManualClock clock;
  Throttle throttle(clock, {});
  for (int i = 0; i < 5; ++i) throttle.begin("10.0.0.1");
  EXPECT_TRUE(throttle.begin("10.0.0.1"));
  EXPECT_TRUE(throttle.begin("::ffff:10.0.0.1")) << "the same in another form";
  EXPECT_FALSE(throttle.begin("10.0.0.2"));
  for (int i = 0; i < 5; ++i) throttle.begin("2001:db8:1:2::" + std::to_string(i));
  EXPECT_TRUE(throttle.begin("2001:db8:1:2:ffff::1")) << "one machine's network";
  EXPECT_FALSE(throttle.begin("2001:db8:1:3::1"));
}

TEST(AdminThrottle, ASuccessForgetsTheFailures) {
  ManualClock clock;
  Throttle throttle(clock, {});
  for (int i = 0; i < 4; ++i) throttle.begin("10.0.0.1");
  throttle.succeeded("10.0.0.1");
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(throttle.begin("10.0.0.1")) << i;
  EXPECT_TRUE(throttle.begin("10.0.0.1"));
}

TEST(AdminThrottle, ManyAddressesTogetherAreSlowedDown) {
  ManualClock clock;
  Throttle throttle(clock, {.free_tries_of_all = 10});
  int refused = 0;
  for (int i = 0; i < 200; ++i) {
    refused += throttle.begin("10.0." + std::to_string(i) + ".1").has_value() ? 1 : 0;
  }
  EXPECT_EQ(refused, 190);
  EXPECT_FALSE(throttle.begin("127.0.0.1")) << "whoever sits at the machine gets in";
  clock.advance(seconds(10));
  EXPECT_FALSE(throttle.begin("10.9.9.9"));
  EXPECT_LE(throttle.begin("10.9.9.8").value_or(seconds(0)), seconds(10));
}

TEST(AdminThrottle, IsForgottenAfterAWhileAndBounded) {
  ManualClock clock;
  Throttle throttle(clock, {.free_tries_of_all = 1'000'000, .most_addresses = 100});
  for (int i = 0; i < 5; ++i) throttle.begin("10.0.0.1");
  clock.advance(std::chrono::hours(2));
  EXPECT_FALSE(throttle.begin("10.0.0.1"));
  for (int i = 0; i < 1000; ++i) {
    clock.advance(std::chrono::milliseconds(1));
    throttle.begin("10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  }
  EXPECT_EQ(throttle.addresses(), 100u);
}

}  // namespace
}  // namespace wasat::admin
