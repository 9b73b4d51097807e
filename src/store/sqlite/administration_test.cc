#include <gtest/gtest.h>

#include "base/temp_folder.h"
#include "store/sqlite/sqlite_store.h"

namespace wasat::store {
namespace {

class SqliteAdministration : public testing::Test {
 protected:
  std::unique_ptr<SqliteStore> open() {
    auto store = SqliteStore::open({.path = temp_.file("wasat.db")}, keys_, clock_);
    EXPECT_TRUE(store) << store.error().detail;
    return std::move(*store);
  }
  Session session(std::string id) {
    const Time now = to_time(clock_.wall());
    return {.id = id,
            .hash = keys_.sessions("token of " + id),
            .created = now,
            .last_used = now,
            .address = "10.0.0.1",
            .user_agent = "a browser"};
  }
  AuditEntry entry(std::string action) {
    return {.time = to_time(clock_.wall()),
            .session_id = "s1",
            .address = "10.0.0.1",
            .action = std::move(action),
            .target = "c1",
            .outcome = "ok"};
  }

  ManualClock clock_;
  TempFolder temp_;
  const Keys keys_{Secret("a master key for the tests of administration")};
};

TEST_F(SqliteAdministration, SessionsSurviveAndAreRemoved) {
  const Session first = session("s1");
  Session used = first;
  used.last_used += std::chrono::minutes(5);
  ASSERT_TRUE(open()->write_and_wait(
      {PutSession{first}, PutSession{session("s2")}, PutSession{used}, RemoveSession{"s2"}}));
  const auto store = open();
  const Result<Contents> contents = store->load_all();
  ASSERT_TRUE(contents);
  ASSERT_EQ(contents->sessions.size(), 1u);
  const Session& kept = contents->sessions[0];
  EXPECT_EQ(kept.id, "s1");
  EXPECT_TRUE(same_digest(kept.hash, first.hash));
  EXPECT_EQ(kept.created, first.created);
  EXPECT_EQ(kept.last_used, used.last_used);
  EXPECT_EQ(kept.user_agent, "a browser");
}

TEST_F(SqliteAdministration, TheAuditLogIsReadInPages) {
  const auto store = open();
  for (const std::string action : {"a", "b", "c", "d", "e"}) {
    ASSERT_TRUE(store->write_and_wait({PutAuditEntry{entry(action)}}));
    clock_.advance(std::chrono::hours(1));
  }
  const auto page = store->read_audit(0, 2);
  ASSERT_TRUE(page);
  ASSERT_EQ(page->size(), 2u);
  EXPECT_EQ((*page)[0].action, "e");
  EXPECT_EQ((*page)[1].action, "d");
  EXPECT_EQ((*page)[0].session_id, "s1");
  const auto next = store->read_audit((*page)[1].number, 10);
  ASSERT_TRUE(next);
  ASSERT_EQ(next->size(), 3u);
  EXPECT_EQ((*next)[0].action, "c");

  const Time before = to_time(clock_.wall()) - std::chrono::minutes(150);
  ASSERT_TRUE(store->write_and_wait({RemoveAuditEntries{before}}));
  EXPECT_EQ(store->read_audit(0, 10)->size(), 2u);
}

}  // namespace
}  // namespace wasat::store
