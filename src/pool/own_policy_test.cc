// A policy for one provider's credentials beside the one for all.

#include "pool/pool_test_case.h"

namespace wasat::pool {
namespace {

class OwnPolicy : public PoolCase {
 protected:
  // `count` nodes beside no keys.
  void nodes(std::size_t count) {
    PoolOptions options{.policy = Policy::kFillFirst};
    options.policies.emplace("relay", Policy::kLeastBusy);
    CredentialIdentity identity;
    identity.provider = "relay";
    fill(count, std::move(options), identity);
  }
  Result<Lease> ask(std::uint64_t affinity = 0) {
    clock_.advance(seconds(1));
    return seat_->try_lease({.providers = kRelay, .model = "m", .affinity = affinity});
  }
  static constexpr std::array<std::string_view, 1> kRelay{"relay"};
};

TEST_F(OwnPolicy, TheFewestLeasesOfAllThenWhoRestedLongest) {
  // More than a sample has.
  constexpr std::size_t kNodes = 40;
  nodes(kNodes);
  std::map<std::string, int> uses;
  std::vector<Lease> held;
  for (std::size_t i = 0; i < kNodes; ++i) {
    held.push_back(std::move(*ask()));
    ++uses[held.back().credential().id()];
  }
  EXPECT_EQ(uses.size(), kNodes);
  // The one that is free again serves, whoever is used as little otherwise.
  const std::string freed = held[17].credential().id();
  held[17].settle(Outcome::success());
  EXPECT_EQ(ask()->credential().id(), freed);
}

TEST_F(OwnPolicy, InTurnWhenAllAreFree) {
  nodes(5);
  std::vector<std::string> first;
  std::vector<std::string> second;
  for (int i = 0; i < 5; ++i) first.push_back(ask()->credential().id());
  for (int i = 0; i < 5; ++i) second.push_back(ask()->credential().id());
  EXPECT_EQ(first, second);
}

TEST_F(OwnPolicy, AConversationStaysNowhere) {
  nodes(3);
  const std::string once = ask(7)->credential().id();
  EXPECT_NE(ask(7)->credential().id(), once);
}

TEST_F(OwnPolicy, InTurnThoughNoTimePasses) {
  nodes(2);
  std::map<std::string, int> uses;
  for (int i = 0; i < 10; ++i) {
    Result<Lease> lease = seat_->try_lease({.providers = kRelay, .model = "m"});
    ++uses[lease->credential().id()];
    lease->settle(Outcome::success());
  }
  EXPECT_EQ(uses.size(), 2u);
  for (const auto& [id, count] : uses) EXPECT_EQ(count, 5) << id;
}

}  // namespace
}  // namespace wasat::pool
