// Leases that wait for a credential.

#include <list>

#include "base/task.h"
#include "pool/pool_test_case.h"

namespace wasat::pool {
namespace {

class Waiting : public PoolCase {
 protected:
  struct One {
    Cancel cancel;
    std::optional<Result<Lease>> lease;
  };

  void SetUp() override {
    fill(1, {.queue_size = 3, .max_wait = seconds(10)}, {.most_leases = 1});
    seat_ = std::make_unique<Seat>(*pool_, &loop_, Random(1));
  }
  void TearDown() override {
    pool_->stop_waiting();
    loop_.run_ready();
    ones_.clear();
    seat_.reset();
  }

  static Task<> wait(Seat& seat, Demand demand, One& one) {
    one.lease.emplace(co_await seat.lease(demand));
  }
  One& start(std::string_view model = "m", std::string_view only = {}) {
    One& one = ones_.emplace_back();
    scope_.start(wait(*seat_,
                      {.providers = kProviders,
                       .model = model,
                       .only = only,
                       .deadline = clock_.now() + seconds(60),
                       .cancel = &one.cancel},
                      one));
    loop_.run_ready();
    return one;
  }
  void settle(One& one, const Outcome& outcome = Outcome::success()) {
    (*one.lease)->settle(outcome);
    loop_.run_ready();
  }

  net::Loop loop_;
  std::list<One> ones_;
  TaskScope scope_;
};

TEST_F(Waiting, IsFirstComeFirstServed) {
  One& first = start();
  ASSERT_TRUE(first.lease);
  One& second = start();
  One& third = start();
  One& fourth = start();
  EXPECT_FALSE(second.lease);
  settle(first);
  ASSERT_TRUE(second.lease);
  EXPECT_FALSE(third.lease);
  settle(second);
  ASSERT_TRUE(third.lease && *third.lease);
  EXPECT_FALSE(fourth.lease);
  settle(third);
  ASSERT_TRUE(fourth.lease && *fourth.lease);
}

TEST_F(Waiting, NobodyOvertakes) {
  One& first = start();
  One& second = start();
  (*first.lease)->settle(Outcome::success());
  // The credential is free, and the second has not been told yet.
  One& third = ones_.emplace_back();
  scope_.start(wait(*seat_,
                    {.providers = kProviders,
                     .model = "m",
                     .deadline = clock_.now() + seconds(60),
                     .cancel = &third.cancel},
                    third));
  EXPECT_FALSE(third.lease);
  loop_.run_ready();
  ASSERT_TRUE(second.lease && *second.lease);
  EXPECT_FALSE(third.lease);
  settle(second);
  EXPECT_TRUE(third.lease && *third.lease);
}

TEST_F(Waiting, IsBounded) {
  One& first = start();
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(start().lease);
  One& refused = start();
  ASSERT_TRUE(refused.lease);
  EXPECT_EQ(refused.lease->error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(refused.lease->error().retry_after, seconds(1));
  settle(first);
}

TEST_F(Waiting, WhoLeavesGivesHisPlaceAway) {
  One& first = start();
  One& second = start();
  One& third = start();
  second.cancel.request();
  loop_.run_ready();
  ASSERT_TRUE(second.lease);
  EXPECT_EQ(second.lease->error().kind, ErrorKind::kCancelled);
  settle(first);
  EXPECT_TRUE(third.lease && *third.lease);
}

TEST_F(Waiting, IsOverWhenTheProcessDrains) {
  One& first = start();
  One& second = start();
  pool_->stop_waiting();
  loop_.run_ready();
  ASSERT_TRUE(second.lease);
  EXPECT_EQ(second.lease->error().kind, ErrorKind::kRateLimited);
  settle(first);
  One& third = start();
  EXPECT_TRUE(third.lease && *third.lease) << "what needs no waiting is still served";
}

TEST_F(Waiting, EndsWhenARestEnds) {
  One& first = start();
  settle(first, Outcome::failed(slow_down("8s")));
  One& second = start();
  EXPECT_FALSE(second.lease);
  clock_.advance(seconds(8));
  pool_->tick();
  loop_.run_ready();
  EXPECT_TRUE(second.lease && *second.lease);
}

TEST_F(Waiting, ALongRestIsNotWaitedFor) {
  One& first = start();
  settle(first, Outcome::failed(slow_down("11s")));
  One& second = start();
  ASSERT_TRUE(second.lease);
  EXPECT_EQ(second.lease->error().retry_after, seconds(11));
}

TEST_F(Waiting, ModelsDoNotWaitForOneAnother) {
  One& first = start();
  settle(first, Outcome::failed(slow_down("8s")));
  One& second = start("m");
  EXPECT_FALSE(second.lease);
  One& other = start("another");
  EXPECT_TRUE(other.lease && *other.lease);
}

TEST_F(Waiting, ForTheOwnerOfAResourceToo) {
  One& first = start();
  One& bound = start("m", "1");
  EXPECT_FALSE(bound.lease);
  settle(first);
  EXPECT_TRUE(bound.lease && *bound.lease);
}

TEST_F(Waiting, HopeIsGivenUpWhenThereIsNone) {
  One& first = start();
  One& second = start();
  settle(first,
         Outcome::failed(answer(401, R"({"error":{"code":401,"status":"UNAUTHENTICATED"}})")));
  ASSERT_TRUE(second.lease);
  EXPECT_EQ(second.lease->error().kind, ErrorKind::kNoCredential);
}

}  // namespace
}  // namespace wasat::pool
