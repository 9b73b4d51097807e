#include <gtest/gtest.h>

#include "pool/seat.h"

namespace wasat::pool {
namespace {

using std::chrono::seconds;

class PoolTest : public ::testing::Test {
 protected:
  struct Listener final : PoolListener {
    void state_changed(const Credential&) override { ++states; }
    void cooled(const Credential&, const Cooldown& cooldown) override { last = cooldown; }
    void cooldown_cleared(const Credential&, std::string_view) override { ++cleared; }
    int states = 0;
    int cleared = 0;
    std::optional<Cooldown> last;
  };

  void fill(std::size_t count, PoolOptions options = {}) {
    seat_.reset();
    pool_ = std::make_unique<Pool>(clock_, options, &listener_);
    seat_ = std::make_unique<Seat>(*pool_, nullptr, Random(1));
    CredentialList list;
    for (std::size_t i = 1; i <= count; ++i) {
      list.push_back(std::make_shared<Credential>(
          CredentialIdentity{.id = std::to_string(i),
                             .provider = "api_key",
                             .name = "key",
                             .secret = Secret("key-" + std::to_string(i))}));
    }
    pool_->replace(std::move(list));
  }

  Result<Lease> lease_bound(Demand demand) {
    demand.providers = kProviders;
    demand.model = "m";
    return seat_->try_lease(demand);
  }
  Result<Lease> lease(const std::vector<int>& tried_ids = {}, std::string_view model = "m") {
    std::vector<const Credential*> tried;
    for (const int id : tried_ids) {
      tried.push_back((*pool_->credentials())[static_cast<std::size_t>(id) - 1].get());
    }
    return seat_->try_lease({.providers = kProviders, .model = model, .tried = tried});
  }
  gemini::Failure rate_limited(std::optional<seconds> delay, bool whole = false) {
    gemini::Failure failure{
        .error = upstream_error(ErrorKind::kRateLimited, Retry::kNextCredential, "slow down"),
        .blame = gemini::Blame::kCredential};
    failure.quota = gemini::QuotaFailure{.whole_credential = whole};
    if (delay) failure.quota->until = clock_.wall() + *delay;
    return failure;
  }

  ManualClock clock_;
  Listener listener_;
  static constexpr std::array<std::string_view, 1> kProviders{"api_key"};
  std::unique_ptr<Pool> pool_;
  std::unique_ptr<Seat> seat_;
};

TEST_F(PoolTest, TakesTurns) {
  fill(3, {.policy = Policy::kRoundRobin});
  std::map<std::string, int> uses;
  for (int i = 0; i < 30; ++i) {
    auto leased = lease();
    ASSERT_TRUE(leased);
    ++uses[leased->credential().id()];
    leased->settle(Outcome::success());
  }
  EXPECT_EQ(uses, (std::map<std::string, int>{{"1", 10}, {"2", 10}, {"3", 10}}));
}

TEST_F(PoolTest, GivesTheOneThatAloneCanServeOrNone) {
  fill(3);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(lease_bound({.only = "2"})->credential().id(), "2");
  }
  const auto gone = lease_bound({.only = "9"});
  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().kind, ErrorKind::kNoCredential);
  EXPECT_TRUE(gone.error().detail.contains("not in the pool any more"));
  const CredentialPtr second = (*pool_->credentials())[1];
  second->cool({.model = "m", .until = clock_.wall() + seconds(30), .why = ""},
               Moment::now(clock_));
  const auto resting = lease_bound({.only = "2"});
  ASSERT_FALSE(resting);
  EXPECT_EQ(resting.error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(resting.error().retry_after, seconds(30));
  second->set_state(CredentialState::kDisabled, "banned");
  const auto disabled = lease_bound({.only = "2"});
  ASSERT_FALSE(disabled);
  EXPECT_EQ(disabled.error().kind, ErrorKind::kNoCredential);
  EXPECT_TRUE(disabled.error().detail.contains("out of use"));
}

TEST_F(PoolTest, TakesThePreferredOneWhileItCanServe) {
  fill(3);
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(lease_bound({.home = "3"})->credential().id(), "3");
  }
  EXPECT_TRUE(lease_bound({.home = "9"}));
  const CredentialPtr third = (*pool_->credentials())[2];
  const std::array<const Credential*, 1> tried{third.get()};
  EXPECT_NE(lease_bound({.tried = tried, .home = "3"})->credential().id(), "3");
  third->set_state(CredentialState::kDisabled, "banned");
  EXPECT_NE(lease_bound({.home = "3"})->credential().id(), "3");
}

TEST_F(PoolTest, OffersWhatWasNotTriedFirst) {
  fill(3);
  for (int i = 0; i < 6; ++i) {
    auto leased = lease({1, 3});
    ASSERT_TRUE(leased);
    EXPECT_EQ(leased->credential().id(), "2");
    EXPECT_FALSE(leased->repeated);
  }
  auto again = lease({1, 2, 3});
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->repeated);
}

TEST_F(PoolTest, ARateLimitRestsTheCredentialForThatModelAsLongAsTheUpstreamSays) {
  fill(1);
  lease()->settle(Outcome::failed(rate_limited(seconds(34))));
  const auto refused = lease();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kRateLimited);
  EXPECT_EQ(refused.error().retry_after, seconds(34));
  EXPECT_TRUE(lease({}, "other"));
  clock_.advance(seconds(34));
  EXPECT_TRUE(lease());
  ASSERT_TRUE(listener_.last);
  EXPECT_EQ(listener_.last->model, "m");
}

TEST_F(PoolTest, BareRateLimitsRestLongerAndLonger) {
  fill(1);
  for (const int expected : {60, 120, 240}) {
    lease()->settle(Outcome::failed(rate_limited(std::nullopt)));
    const auto wait = lease().error().retry_after;
    EXPECT_GE(wait, seconds(expected));
    EXPECT_LE(wait, seconds(expected * 11 / 10 + 1));
    clock_.advance(*wait);
  }
  auto leased = lease();
  leased->settle(Outcome::success());
  lease()->settle(Outcome::failed(rate_limited(std::nullopt)));
  EXPECT_LE(lease().error().retry_after, seconds(67)) << "a success starts anew";
}

TEST_F(PoolTest, AQuotaGoneForTheDayTellsClientsNotToHammer) {
  fill(1);
  lease()->settle(Outcome::failed(rate_limited(std::chrono::hours(9))));
  EXPECT_EQ(lease().error().kind, ErrorKind::kQuotaExhausted);
}

TEST_F(PoolTest, AnInvalidKeyIsDisabledAtOnce) {
  fill(2);
  gemini::Failure failure{
      .error = upstream_error(ErrorKind::kCredentialRejected, Retry::kNextCredential, "no"),
      .blame = gemini::Blame::kCredential,
      .defect = gemini::Defect::kInvalid};
  for (int i = 0; i < 2; ++i) lease()->settle(Outcome::failed(failure));
  EXPECT_EQ(listener_.states, 2);
  const auto refused = lease();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kNoCredential);
}

TEST_F(PoolTest, NobodysFaultLeavesTheCredentialAlone) {
  fill(1);
  gemini::Failure failure{
      .error = upstream_error(ErrorKind::kUnavailable, Retry::kNextCredential, "overloaded")};
  for (int i = 0; i < 20; ++i) lease()->settle(Outcome::failed(failure));
  EXPECT_TRUE(lease());
  EXPECT_EQ((*pool_->credentials())[0]->failures_in_a_row(), 0u);
}

TEST_F(PoolTest, TheSimplePolicyCountsFailuresInARow) {
  fill(1, {.max_failures = 2, .cooling_period = seconds(100)});
  gemini::Failure failure{
      .error = upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, "broke"),
      .blame = gemini::Blame::kCredential};
  lease()->settle(Outcome::failed(failure));
  EXPECT_TRUE(lease());
  lease()->settle(Outcome::failed(failure));
  EXPECT_EQ(lease().error().retry_after, seconds(100));
}

TEST_F(PoolTest, AnAbandonedLeaseBlamesNobodyAndIsGivenBack) {
  fill(1);
  {
    auto leased = lease();
    EXPECT_EQ(leased->credential().leased(), 1u);
  }
  const Credential& credential = *(*pool_->credentials())[0];
  EXPECT_EQ(credential.leased(), 0u);
  EXPECT_EQ(credential.counters().attempts(), 0u);
}

TEST_F(PoolTest, AnEmptyPoolSaysWhatToDo) {
  fill(0);
  const auto refused = lease();
  ASSERT_FALSE(refused);
  EXPECT_NE(refused.error().detail.find("GEMINI_API_KEYS"), std::string::npos);
}

}  // namespace
}  // namespace wasat::pool
