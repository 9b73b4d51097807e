#include "store/environment.h"

#include <gtest/gtest.h>

#include "store/keys_test.h"

namespace wasat::store {
namespace {

constexpr Time kNow{std::chrono::seconds(1000)};

TEST(EnvironmentCredentials, AreAddedToThoseInTheStore) {
  Contents contents;
  contents.credentials.push_back({.id = "1", .provider = "api_key", .secret = Secret("stored")});
  const std::vector<Secret> given = {Secret("stored"), Secret("new"), Secret("new")};
  const auto notes = add_environment_credentials(contents, keys(), "api_key", given, kNow);
  ASSERT_EQ(contents.credentials.size(), 2u);
  EXPECT_EQ(contents.credentials[0].id, "1");
  EXPECT_TRUE(contents.credentials[1].secret.equals("new"));
  EXPECT_TRUE(contents.credentials[1].from_environment);
  EXPECT_EQ(notes.size(), 1u);
}

TEST(EnvironmentCredentials, KeepTheirIdAndWhatWasLearntAboutThem) {
  Contents first;
  const std::vector<Secret> given = {Secret("a"), Secret("b")};
  add_environment_credentials(first, keys(), "api_key", given, kNow);
  const std::string id = first.credentials[1].id;

  Contents later;  // as the store gives it: without the secret
  later.credentials.push_back({.id = id,
                               .provider = "api_key",
                               .from_environment = true,
                               .state = CredentialState::kDisabled,
                               .reason = "invalid",
                               .tier = 3,
                               .weight = 2,
                               .most_leases = 4,
                               .proxy = Secret("http://proxy"),
                               .note = "mine"});
  const std::vector<Secret> moved = {Secret("b")};
  const auto notes = add_environment_credentials(later, keys(), "api_key", moved, kNow);
  ASSERT_EQ(later.credentials.size(), 1u);
  EXPECT_EQ(later.credentials[0].id, id);
  EXPECT_EQ(later.credentials[0].state, CredentialState::kDisabled);
  EXPECT_TRUE(later.credentials[0].secret.equals("b"));
  EXPECT_EQ(later.credentials[0].tier, 3);
  EXPECT_EQ(later.credentials[0].weight, 2u);
  EXPECT_EQ(later.credentials[0].most_leases, 4u);
  EXPECT_TRUE(later.credentials[0].proxy.equals("http://proxy"));
  EXPECT_EQ(later.credentials[0].note, "mine");
  EXPECT_TRUE(notes.empty());
}

TEST(EnvironmentCredentials, ThatAreNoLongerGivenAreLeftOut) {
  Contents contents;
  contents.credentials.push_back(
      {.id = "env-gone", .provider = "api_key", .from_environment = true});
  contents.cooldowns.push_back({.credential_id = "env-gone"});
  contents.cooldowns.push_back({.credential_id = "other"});
  add_environment_credentials(contents, keys(), "api_key", {}, kNow);
  EXPECT_TRUE(contents.credentials.empty());
  ASSERT_EQ(contents.cooldowns.size(), 1u);
  EXPECT_EQ(contents.cooldowns[0].credential_id, "other");
}

}  // namespace
}  // namespace wasat::store
