// What goes wrong with pools elsewhere (tests/known_failures.md), on the pool alone.

#include "pool/pool_test_case.h"

namespace wasat::pool {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

class KnownFailures : public PoolCase {};

TEST_F(KnownFailures, P38_RestsAsLongAsTheUpstreamSays) {
  fill(1);
  fail_on(1, slow_down("34.5s"));
  EXPECT_EQ(lease().error().retry_after, seconds(35));
  clock_.advance(std::chrono::milliseconds(34'400));
  EXPECT_FALSE(lease());
  clock_.advance(std::chrono::milliseconds(100));
  EXPECT_TRUE(lease());
}

TEST_F(KnownFailures, P39_ADaysQuotaIsNotProbedWithinTheDay) {
  fill(1);
  fail_on(1, no_quota_today());
  const auto wait = lease().error().retry_after;
  ASSERT_TRUE(wait);
  // Until midnight in California, whatever RetryInfo says beside it.
  for (auto waited = seconds(0); waited + minutes(10) < *wait; waited += minutes(10)) {
    EXPECT_FALSE(lease()) << waited.count();
    clock_.advance(minutes(10));
  }
  EXPECT_EQ(credential(1).counters().attempts(), 1u);
  clock_.advance(minutes(10));
  EXPECT_TRUE(lease());
}

TEST_F(KnownFailures, P40_AMinutesQuotaIsNoDaysQuota) {
  fill(1);
  fail_on(
      1,
      answer(
          429,
          R"({"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"quota",)"
          R"("details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure",)"
          R"("violations":[{"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"}]}]}})"));
  const Error refused = lease().error();
  EXPECT_EQ(refused.kind, ErrorKind::kRateLimited);
  EXPECT_LE(refused.retry_after, seconds(61));
  EXPECT_TRUE(lease("another"));
}

TEST_F(KnownFailures, P41_ALimitOnTheAddressDoesNotMarkThePoolDead) {
  fill(5);
  for (int i = 1; i <= 5; ++i) fail_on(i, bare_429());
  // Two had been taken for guilty before it was plain; their minute was taken back.
  EXPECT_EQ(listener_.cleared, 2);
  EXPECT_LE(lease().error().retry_after, seconds(5));
  clock_.advance(seconds(5));
  for (int i = 1; i <= 5; ++i) {
    EXPECT_EQ(credential(i).failures_in_a_row(), 0u);
    EXPECT_TRUE(lease_of(i)) << i;
  }
}

TEST_F(KnownFailures, P41_OneBare429RestsThatCredentialAlone) {
  fill(5);
  fail_on(1, bare_429());
  succeed_on(2);
  fail_on(3, bare_429());
  succeed_on(2);
  fail_on(4, bare_429());
  EXPECT_EQ(listener_.cleared, 0);
  EXPECT_GE(lease_of(1).error().retry_after, seconds(60));
  EXPECT_EQ(uses(20).count("refused"), 0u);
}

TEST_F(KnownFailures, P42_AnOverloadedModelCondemnsNobody) {
  fill(4);
  for (int round = 0; round < 20; ++round) {
    for (int i = 1; i <= 4; ++i) fail_on(i, round % 2 == 0 ? overloaded() : broken());
  }
  EXPECT_EQ(listener_.cooldowns, 0);
  EXPECT_EQ(uses(40).count("refused"), 0u);
}

TEST_F(KnownFailures, P42_WhatFailsWhileOthersAnswerRests) {
  fill(4);
  for (int round = 0; round < 20; ++round) {
    for (int i = 2; i <= 4; ++i) succeed_on(i);
  }
  fail_on(1, broken());
  EXPECT_EQ(listener_.cooldowns, 0) << "once is nothing";
  fail_on(1, broken());
  EXPECT_EQ(listener_.cooldowns, 1);
  EXPECT_FALSE(lease_of(1));
  clock_.advance(seconds(6));
  EXPECT_TRUE(lease_of(1));
}

TEST_F(KnownFailures, P43_AClientsOwnMistakeDoesNotCount) {
  fill(1, {.max_failures = 3, .cooling_period = seconds(300)});
  for (int i = 0; i < 50; ++i) fail_on(1, bad_request());
  const gemini::Failure cancelled{.error = internal_error("cancelled", ErrorKind::kCancelled)};
  for (int i = 0; i < 50; ++i) fail_on(1, cancelled);
  EXPECT_TRUE(lease());
  EXPECT_EQ(credential(1).failures_in_a_row(), 0u);
  EXPECT_FLOAT_EQ(credential(1).belief(ticks_of(clock_.now())).failures, Belief::kPrior);
}

TEST_F(KnownFailures, P44_ASuccessEndsARowOfFailures) {
  fill(1, {.max_failures = 3});
  for (int i = 0; i < 10; ++i) {
    fail_on(1, bare_429());
    fail_on(1, bare_429());
    EXPECT_EQ(credential(1).failures_in_a_row(), 2u);
    succeed_on(1);
    EXPECT_EQ(credential(1).failures_in_a_row(), 0u);
  }
  EXPECT_TRUE(lease());
}

TEST_F(KnownFailures, P45_ThirtyThousandAreRemovedAtOnce) {
  fill(30'000);
  std::vector<std::string> ids;
  for (int i = 2; i <= 30'000; ++i) ids.push_back(std::to_string(i));
  pool_->remove(ids);
  EXPECT_EQ(pool_->census().all, 1u);
  EXPECT_EQ(uses(10), (std::map<std::string, int>{{"1", 10}}));
}

TEST_F(KnownFailures, P46_EachCredentialsUsesAreCounted) {
  fill(2);
  for (int i = 0; i < 3; ++i) succeed_on(1);
  fail_on(1, broken());
  EXPECT_EQ(credential(1).counters().attempts(), 4u);
  EXPECT_EQ(credential(1).counters().successes.load(), 3u);
  EXPECT_GT(credential(1).counters().last_failure.load(), 0);
  EXPECT_EQ(credential(2).counters().attempts(), 0u);
}

TEST_F(KnownFailures, P47_ASuspendedKeyIsDisabledAtOnce) {
  fill(2);
  fail_on(1, answer(403, R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":)"
                         R"("Permission denied: Consumer 'api_key:x' has been suspended."}})"));
  EXPECT_EQ(credential(1).state(), CredentialState::kDisabled);
  EXPECT_TRUE(credential(1).state_reason().starts_with("suspended: "));
  EXPECT_EQ(listener_.states, 1);
  EXPECT_EQ(uses(20), (std::map<std::string, int>{{"2", 20}}));
}

TEST_F(KnownFailures, P48_WithoutBillingItIsDisabled) {
  fill(2);
  fail_on(1,
          answer(402, R"({"error":{"code":402,"status":"FAILED_PRECONDITION","message":"pay"}})"));
  EXPECT_TRUE(credential(1).state_reason().starts_with("billing: "));
  EXPECT_EQ(uses(20), (std::map<std::string, int>{{"2", 20}}));
}

TEST_F(KnownFailures, P48_ARestIsAsLongAfterItWasStored) {
  fill(1);
  fail_on(1, slow_down("34s"));
  const CredentialPtr again = make(1);
  clock_.advance(seconds(10));
  again->cool(*listener_.last, Moment::now(clock_));
  pool_->replace({again});
  EXPECT_EQ(lease().error().retry_after, seconds(24));
}

TEST_F(KnownFailures, P54_ABanIsNotCarriedToTheOthers) {
  fill(3);
  const gemini::Failure banned = answer(
      403, R"({"error":{"code":403,"status":"PERMISSION_DENIED","message":"This service has been )"
           R"(disabled in this account for violation of Terms of Service.","details":[{"@type":)"
           R"("type.googleapis.com/google.rpc.ErrorInfo","reason":"TOS_VIOLATION"}]}})");
  EXPECT_EQ(banned.error.retry, Retry::kNever) << "no other is tried for this request";
  fail_on(1, banned);
  EXPECT_EQ(credential(1).state(), CredentialState::kDisabled);
  EXPECT_TRUE(credential(1).state_reason().starts_with("terms_violation: "));
  // Neither time nor the others' success brings it back.
  clock_.advance(hours(48));
  pool_->tick();
  EXPECT_FALSE(lease_of(1));
  EXPECT_EQ(pool_->census().ready, 2u);
}

TEST_F(KnownFailures, P56_AConversationStaysWithItsCredential) {
  // Who gets no conversation of a few hundred, is chance; in one run of twenty there is one.
  std::size_t unused = 0;
  constexpr std::uint64_t kRuns = 10;
  for (std::uint64_t seed = 1; seed <= kRuns; ++seed) {
    fill(50);
    seat_ = std::make_unique<Seat>(*pool_, nullptr, Random(seed));
    std::map<std::string, int> shares;
    int stayed = 0;
    int turns = 0;
    std::map<std::uint64_t, std::string> homes;
    Random random(seed + kRuns);
    for (int turn = 0; turn < 20'000; ++turn) {
      const std::uint64_t conversation = random.below(500) + 1;
      Result<Lease> leased = seat_->try_lease(
          {.providers = kProviders, .model = "m", .affinity = conversation * 0x9e3779b97f4a7c15u});
      ASSERT_TRUE(leased);
      std::string& home = homes[conversation];
      if (!home.empty()) {
        ++turns;
        stayed += home == leased->credential().id() ? 1 : 0;
      }
      home = leased->credential().id();
      ++shares[home];
      leased->settle(Outcome::success());
      clock_.advance(std::chrono::milliseconds(20));
    }
    EXPECT_GE(stayed, turns * 95 / 100);
    for (const auto& [id, count] : shares) EXPECT_LE(count, 2 * 20'000 / 50) << id;
    unused += 50 - shares.size();
  }
  EXPECT_LE(unused, kRuns / 5);
}

TEST_F(KnownFailures, P56_HealthGoesBeforeStaying) {
  fill(10);
  const Demand demand{.providers = kProviders, .model = "m", .affinity = 77};
  Result<Lease> first = seat_->try_lease(demand);
  const std::string home = first->credential().id();
  first->settle(Outcome::failed(slow_down("60s")));
  Result<Lease> second = seat_->try_lease(demand);
  ASSERT_TRUE(second);
  EXPECT_NE(second->credential().id(), home);
  const std::string moved = second->credential().id();
  second->settle(Outcome::success());
  EXPECT_EQ(seat_->try_lease(demand)->credential().id(), moved);
}

}  // namespace
}  // namespace wasat::pool
