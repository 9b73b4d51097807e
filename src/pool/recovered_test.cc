// What a health check does for a credential.

#include <gtest/gtest.h>

#include "pool/seat.h"

namespace wasat::pool {
namespace {

using namespace std::chrono_literals;

class Recovered : public testing::Test {
 protected:
  struct Listener final : PoolListener {
    void state_changed(const Credential&) override { ++states; }
    void cooled(const Credential&, const Cooldown&) override {}
    void cooldown_cleared(const Credential&, std::string_view model) override {
      cleared += "[" + std::string(model) + "]";
    }
    int states = 0;
    std::string cleared;
  };

  Recovered() {
    CredentialIdentity identity{.id = "1", .provider = "api_key"};
    pool.replace({std::make_shared<Credential>(std::move(identity))});
    credential = pool.find("1");
  }
  bool serves(std::string_view model) {
    return seat.try_lease({.providers = kProviders, .model = model, .tried = {}}).has_value();
  }
  void fail_probe(gemini::Failure failure) {
    seat.probe(credential, "m").settle(Outcome::failed(failure));
  }

  static constexpr std::array<std::string_view, 1> kProviders{"api_key"};
  ManualClock clock;
  Listener listener;
  Pool pool{clock, PoolOptions(), &listener};
  Seat seat{pool, nullptr, Random(1)};
  CredentialPtr credential;
};

TEST_F(Recovered, ARestingCredentialIsProbedAndComesBack) {
  fail_probe({.error = upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, "broken"),
              .blame = gemini::Blame::kCredential});
  EXPECT_FALSE(serves("m"));
  EXPECT_FALSE(serves("another"));
  Lease lease = seat.probe(credential, "m");
  lease.settle(Outcome::success());
  EXPECT_TRUE(pool.recovered(*credential, "m", false));
  EXPECT_EQ(listener.cleared, "[]");
  EXPECT_TRUE(serves("m"));
  EXPECT_EQ(credential->failures_in_a_row(), 0u);
  EXPECT_EQ(credential->leased(), 0u);
  EXPECT_FALSE(pool.recovered(*credential, "m", false));
}

TEST_F(Recovered, WhatOtherModelsRestForStays) {
  gemini::Failure failure{
      .error = upstream_error(ErrorKind::kRateLimited, Retry::kNextCredential, "slow down"),
      .blame = gemini::Blame::kCredential};
  failure.quota = gemini::QuotaFailure{.until = clock.wall() + 1h};
  seat.probe(credential, "pro").settle(Outcome::failed(failure));
  EXPECT_FALSE(serves("pro"));
  EXPECT_FALSE(pool.recovered(*credential, "lite", false));
  EXPECT_FALSE(serves("pro"));
  EXPECT_TRUE(pool.recovered(*credential, "pro", false));
  EXPECT_TRUE(serves("pro"));
}

TEST_F(Recovered, OneThatIsOutOfUseComesBackOnlyWhenAsked) {
  gemini::Failure failure{
      .error = upstream_error(ErrorKind::kCredentialRejected, Retry::kNextCredential, "suspended"),
      .blame = gemini::Blame::kCredential};
  failure.defect = gemini::Defect::kSuspended;
  fail_probe(failure);
  EXPECT_EQ(credential->state(), CredentialState::kDisabled);
  EXPECT_FALSE(pool.recovered(*credential, "m", false));
  EXPECT_FALSE(serves("m"));
  EXPECT_TRUE(pool.recovered(*credential, "m", true));
  EXPECT_EQ(credential->state_reason(), "");
  EXPECT_TRUE(serves("m"));
  EXPECT_EQ(listener.states, 2);
}

}  // namespace
}  // namespace wasat::pool
