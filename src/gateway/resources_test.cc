#include "gateway/resources.h"

#include <gtest/gtest.h>

#include "base/clock.h"

namespace wasat::gateway {
namespace {

using std::chrono::hours;

class ResourcesTest : public testing::Test {
 protected:
  store::Resource made(std::string name, std::string token = "t1", std::string credential = "c1") {
    const store::Time now = store::to_time(clock_.wall());
    return {.name = std::move(name),
            .token_id = std::move(token),
            .credential_id = std::move(credential),
            .mime_type = "text/plain",
            .created = now,
            .expires = now + hours(48)};
  }
  ManualClock clock_;
  Resources resources_{clock_, {.all = 160, .per_token = 4, .live_per_token = 3}};
};

TEST_F(ResourcesTest, BelongToTheTokenThatMadeThem) {
  EXPECT_TRUE(resources_.put(made("files/a")));
  ASSERT_TRUE(resources_.find("t1", "files/a"));
  EXPECT_EQ(resources_.find("t1", "files/a")->credential_id, "c1");
  EXPECT_EQ(resources_.find("t1", "files/a")->mime_type, "text/plain");
  EXPECT_FALSE(resources_.find("t2", "files/a"));
  EXPECT_FALSE(resources_.find("t1", "files/b"));
  // The same name in two accounts takes nothing from anybody.
  EXPECT_TRUE(resources_.put(made("files/a", "t2", "c2")));
  EXPECT_EQ(resources_.find("t1", "files/a")->credential_id, "c1");
  resources_.remove("t2", "files/a");
  EXPECT_FALSE(resources_.find("t2", "files/a"));
  EXPECT_TRUE(resources_.find("t1", "files/a"));
  EXPECT_EQ(resources_.size(), 1u);
}

TEST_F(ResourcesTest, Expire) {
  resources_.put(made("files/a"));
  clock_.advance(hours(48));
  EXPECT_FALSE(resources_.find("t1", "files/a"));
  EXPECT_TRUE(resources_.page("t1", "files/", "", 9).resources.empty());
}

TEST_F(ResourcesTest, EphemeralTokensAreFoundByTheirNameAlone) {
  resources_.put(made("auth_tokens/x"));
  ASSERT_TRUE(resources_.owner_of("auth_tokens/x"));
  EXPECT_EQ(resources_.owner_of("auth_tokens/x")->token_id, "t1");
  EXPECT_FALSE(resources_.find("t2", "auth_tokens/x"));
  resources_.remove("t2", "auth_tokens/x");
  EXPECT_TRUE(resources_.find("t1", "auth_tokens/x"));
  resources_.put(made("files/a"));
  EXPECT_FALSE(resources_.owner_of("files/a"));
  clock_.advance(hours(48));
  EXPECT_FALSE(resources_.owner_of("auth_tokens/x"));
}

TEST_F(ResourcesTest, AreBounded) {
  for (const char* name : {"files/a", "files/b", "files/c", "files/d"}) {
    EXPECT_TRUE(resources_.has_room("t1"));
    EXPECT_TRUE(resources_.put(made(name)));
  }
  EXPECT_FALSE(resources_.has_room("t1"));
  EXPECT_FALSE(resources_.put(made("files/e")));
  EXPECT_TRUE(resources_.put(made("files/a"))) << "it is known";
  EXPECT_TRUE(resources_.has_room("t2"));
  clock_.advance(hours(48));
  EXPECT_TRUE(resources_.has_room("t1"));
  EXPECT_TRUE(resources_.put(made("files/e")));
  EXPECT_EQ(resources_.size(), 1u);
}

TEST_F(ResourcesTest, LiveSessionsTakeNoRoomFromOthersAndTheOldestGo) {
  const auto live = [&](int number, std::string token = "t1") {
    return resources_.put(made("live_sessions/" + std::to_string(number), std::move(token)));
  };
  for (int number = 0; number < 3; ++number) EXPECT_EQ(live(number).left_out, "");
  EXPECT_EQ(live(1).left_out, "") << "it is known";
  EXPECT_EQ(live(3).left_out, "live_sessions/0");
  EXPECT_EQ(live(4).left_out, "live_sessions/1");
  EXPECT_FALSE(resources_.find("t1", "live_sessions/0"));
  EXPECT_TRUE(resources_.find("t1", "live_sessions/4"));
  EXPECT_EQ(live(0, "t2").left_out, "") << "another token's";
  for (const char* name : {"files/a", "files/b", "files/c", "files/d"}) {
    EXPECT_TRUE(resources_.has_room("t1"));
    EXPECT_TRUE(resources_.put(made(name)));
  }
  EXPECT_FALSE(resources_.has_room("t1"));
  EXPECT_FALSE(resources_.put(made("files/e")));
  EXPECT_EQ(live(5).left_out, "live_sessions/2");
  EXPECT_EQ(resources_.size(), 8u);
  resources_.remove("t1", "live_sessions/3");
  EXPECT_EQ(live(6).left_out, "") << "its place is free";
  clock_.advance(hours(48));
  EXPECT_TRUE(live(7));
  EXPECT_TRUE(resources_.put(made("files/e")));
}

TEST_F(ResourcesTest, LiveSessionsOfAllTokensAreBounded) {
  // All of one shard: ten of them.
  Resources resources(clock_, {.all = 160, .per_token = 4, .live_per_token = 100});
  for (int number = 0; number < 30; ++number) {
    const Resources::Put put = resources.put(made("live_sessions/" + std::to_string(number)));
    EXPECT_TRUE(put);
    EXPECT_EQ(put.left_out.empty(), number < 10) << number;
  }
  EXPECT_EQ(resources.size(), 10u);
}

TEST_F(ResourcesTest, HavePages) {
  for (const char* name : {"files/a", "batches/x", "files/b", "files/c"})
    resources_.put(made(name));
  const Resources::Page first = resources_.page("t1", "files/", "", 2);
  ASSERT_EQ(first.resources.size(), 2u);
  EXPECT_EQ(first.resources[0].name, "files/c");
  EXPECT_EQ(first.resources[1].name, "files/b");
  const Resources::Page second = resources_.page("t1", "files/", first.next, 2);
  ASSERT_EQ(second.resources.size(), 1u);
  EXPECT_EQ(second.resources[0].name, "files/a");
  EXPECT_EQ(second.next, "");
  EXPECT_TRUE(resources_.page("t1", "files/", "nonsense", 2).resources.empty());
  EXPECT_TRUE(resources_.page("t2", "files/", "", 2).resources.empty());
}

TEST_F(ResourcesTest, WhatIsUsedTogetherHasOneHome) {
  EXPECT_EQ(resources_.home("t1"), "");
  resources_.put(made("files/a", "t1", "c1"));
  resources_.put(made("batches/b", "t1", "c2"));
  EXPECT_EQ(resources_.home("t1"), "c1");
  resources_.put(made("cachedContents/c", "t1", "c3"));
  EXPECT_EQ(resources_.home("t1"), "c3");
  EXPECT_EQ(resources_.home("t2"), "");
}

}  // namespace
}  // namespace wasat::gateway
