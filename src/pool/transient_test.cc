// Credentials that come and go by themselves.

#include <set>

#include "pool/pool_test_case.h"

namespace wasat::pool {
namespace {

class Transient : public PoolCase {
 protected:
  static constexpr std::array<std::string_view, 1> kNodes{"relay"};
  static constexpr std::array<std::string_view, 2> kAll{"api_key", "relay"};

  static CredentialPtr node(const std::string& name) {
    CredentialIdentity identity;
    identity.id = "relay-" + name;
    identity.provider = "relay";
    identity.name = name;
    identity.transient = true;
    return std::make_shared<Credential>(std::move(identity));
  }
  void join(const std::string& name) { pool_->put({node(name)}); }
  void leave(const std::string& name) { pool_->remove(std::vector<std::string>{"relay-" + name}); }
  Result<Lease> ask(std::span<const std::string_view> providers, std::string_view model = "m") {
    return seat_->try_lease({.providers = providers, .model = model});
  }
  std::set<std::string> ids() const {
    std::set<std::string> found;
    for (const CredentialPtr& each : *pool_->credentials()) found.insert(each->id());
    return found;
  }
};

TEST_F(Transient, StaysWhenWhatTheStoreHoldsIsPutAnew) {
  fill(2);
  join("a");
  pool_->replace({make(3)});
  EXPECT_EQ(ids(), (std::set<std::string>{"3", "relay-a"}));
  PoolOptions other;
  other.providers = {"relay", "api_key"};
  pool_->configure(other);
  EXPECT_EQ(ids(), (std::set<std::string>{"3", "relay-a"}));
}

TEST_F(Transient, ThePoolSaysWhenItHasNothingElse) {
  fill(0);
  EXPECT_TRUE(pool_->only_transient());
  join("a");
  EXPECT_TRUE(pool_->only_transient());
  pool_->put({make(1)});
  EXPECT_FALSE(pool_->only_transient());
  pool_->set_state(credential(1), CredentialState::kDisabled, "by a test");
  EXPECT_FALSE(pool_->only_transient()) << "what is out of use is there all the same";
  pool_->remove(std::vector<std::string>{"1"});
  EXPECT_TRUE(pool_->only_transient());
}

TEST_F(Transient, ServesInItsProvidersTurnAndOnlyWhomItMay) {
  PoolOptions options;
  options.providers = {"api_key", "relay"};
  fill(1, options);
  join("a");
  EXPECT_EQ(ask(kAll)->credential().id(), "1");
  EXPECT_EQ(ask(kNodes)->credential().id(), "relay-a");
  options.providers = {"relay", "api_key"};
  pool_->configure(options);
  EXPECT_EQ(ask(kAll)->credential().id(), "relay-a");
  EXPECT_EQ(ask(kProviders)->credential().id(), "1");
}

TEST_F(Transient, RestsForAModelWhileOthersServeIt) {
  fill(0);
  join("a");
  join("b");
  Result<Lease> first = ask(kNodes, "busy-model");
  const std::string limited = first->credential().id();
  first->settle(Outcome::failed(slow_down("40s")));
  for (int i = 0; i < 20; ++i) {
    Result<Lease> leased = ask(kNodes, "busy-model");
    ASSERT_TRUE(leased) << leased.error().detail;
    EXPECT_NE(leased->credential().id(), limited);
    leased->settle(Outcome::success());
  }
  const auto only = [&](std::string_view model) {
    return seat_->try_lease({.providers = kNodes, .model = model, .only = limited});
  };
  EXPECT_FALSE(only("busy-model"));
  EXPECT_TRUE(only("other-model")) << "it rests for one model alone";
  clock_.advance(seconds(41));
  pool_->tick();
  EXPECT_TRUE(only("busy-model"));
}

TEST_F(Transient, RestsOnWhenItComesBackUnderItsName) {
  fill(0);
  join("a");
  ask(kNodes)->settle(Outcome::failed(no_quota_today()));
  EXPECT_FALSE(ask(kNodes));
  leave("a");
  clock_.advance(std::chrono::minutes(10));
  pool_->tick();
  join("a");
  EXPECT_FALSE(ask(kNodes)) << "a reload of its page is no new quota";
  join("b");
  EXPECT_EQ(ask(kNodes)->credential().id(), "relay-b");
  EXPECT_TRUE(ask(kNodes, "another-model"));
  EXPECT_EQ(pool_->find("relay-a")->counters().not_successes.load(), 1u);
}

TEST_F(Transient, StaysOutOfUseWhenItComesBack) {
  fill(0);
  join("a");
  pool_->set_state(*pool_->find("relay-a"), CredentialState::kDisabled, "by a test");
  leave("a");
  join("a");
  EXPECT_EQ(pool_->find("relay-a")->state(), CredentialState::kDisabled);
  EXPECT_EQ(pool_->find("relay-a")->state_reason(), "by a test");
}

TEST_F(Transient, GetsNothingMoreWhenItLeavesAndComesBackAsItWas) {
  fill(0);
  join("a");
  pool_->retire(*pool_->find("relay-a"));
  EXPECT_FALSE(ask(kNodes));
  EXPECT_EQ(pool_->find("relay-a")->state(), CredentialState::kReady);
  EXPECT_EQ(pool_->census().ready, 0u);
  join("a");
  EXPECT_TRUE(ask(kNodes)) << "a page that was reloaded, before the old one was gone";
  pool_->retire(*pool_->find("relay-a"));
  leave("a");
  join("a");
  EXPECT_TRUE(ask(kNodes));
}

TEST_F(Transient, WhatWasLearntIsForgottenAfterADay) {
  Departed departed;
  const CredentialPtr old = node("a");
  old->set_state(CredentialState::kDisabled, "by a test");
  departed.remember(*old, Moment::now(clock_));
  departed.remember(*node("never-used"), Moment::now(clock_));
  EXPECT_EQ(departed.size(), 1u) << "of one that was never used there is nothing to know";
  clock_.advance(std::chrono::hours(25));
  const CredentialPtr again = node("a");
  departed.recall(*again, Moment::now(clock_));
  EXPECT_EQ(again->state(), CredentialState::kReady);
  EXPECT_EQ(departed.size(), 0u);
}

TEST_F(Transient, NotManyAreRemembered) {
  Departed departed;
  for (std::size_t i = 0; i < Departed::kMost + 500; ++i) {
    const CredentialPtr old = node(std::to_string(i));
    old->set_state(CredentialState::kDisabled, "by a test");
    departed.remember(*old, Moment::now(clock_));
  }
  EXPECT_EQ(departed.size(), Departed::kMost);
  const CredentialPtr last = node(std::to_string(Departed::kMost + 499));
  departed.recall(*last, Moment::now(clock_));
  EXPECT_EQ(last->state(), CredentialState::kDisabled);
}

}  // namespace
}  // namespace wasat::pool
