#include "app/live_settings.h"

#include <gtest/gtest.h>

#include "admin/fake_store_test.h"

namespace wasat::app {
namespace {

// The address is listened on until the next start, so nobody may take it for another before.
TEST(LiveSettings, WhatNeedsARestartIsAsAtTheStart) {
  admin::FakeStore store;
  Settings applied;
  LiveSettings live(load_settings({.stored = {{"listen.host", Secret("0.0.0.0")}}}),
                    {.stored = {{"listen.host", Secret("0.0.0.0")}}}, {}, store,
                    [&applied](const Settings& settings) { applied = settings; });
  const auto changed = live.change({{.key = "listen.host", .value = Secret("127.0.0.1")},
                                    {.key = "pool.max_attempts", .value = Secret("3")}});
  ASSERT_TRUE(changed);
  EXPECT_EQ(changed->needs_restart, std::vector<std::string>{"listen.host"});
  EXPECT_EQ(applied.host, "0.0.0.0");
  EXPECT_EQ(applied.max_attempts, 3);
  EXPECT_EQ(live.settings().host, "0.0.0.0");
}

TEST(LiveSettings, NothingIsStoredOfWhatIsRefused) {
  admin::FakeStore store;
  bool applied = false;
  LiveSettings live(load_settings({}), {}, {}, store,
                    [&applied](const Settings&) { applied = true; });
  const auto changed =
      live.change({{.key = "pool.max_attempts", .value = Secret("3")},
                   {.key = "upstream.proxy_url", .value = Secret("http://u:hunter2@p:99999")}});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().field, "upstream.proxy_url");
  EXPECT_TRUE(changed.error().message.contains("no proxy's address"));
  EXPECT_FALSE(changed.error().message.contains("hunter2"));
  EXPECT_TRUE(store.written.empty());
  EXPECT_FALSE(applied);
  EXPECT_EQ(live.settings().max_attempts, 8);
}

}  // namespace
}  // namespace wasat::app
