#include "store/sqlite/foreign_database.h"

#include <gtest/gtest.h>

#include <array>

#include "base/temp_folder.h"
#include "store/sqlite/database.h"

namespace wasat::store {
namespace {

constexpr std::array<std::string_view, 2> kColumns = {"key", "value"};

// The bytes of a database that `sql` made; `journal` as its program left it.
std::string database_with(const std::string& sql, bool write_ahead = false) {
  TempFolder folder;
  const std::string path = folder.file("foreign.db");
  {
    auto database = Database::open(path, std::chrono::milliseconds(10));
    EXPECT_TRUE(database);
    EXPECT_TRUE(database->execute(sql));
    if (!write_ahead) EXPECT_TRUE(database->execute("PRAGMA journal_mode = DELETE"));
  }
  return read_file(path);
}

const std::string kPlain =
    "CREATE TABLE settings (id INTEGER PRIMARY KEY, key TEXT, value TEXT);"
    "INSERT INTO settings (key, value) VALUES ('a', 'one'), ('b', 2), ('c', NULL);";

TEST(ForeignDatabase, GivesRowsAsTexts) {
  for (const bool write_ahead : {false, true}) {
    const auto database = ForeignDatabase::open(database_with(kPlain, write_ahead));
    ASSERT_TRUE(database) << database.error().detail;
    EXPECT_TRUE(database->has_table("settings", kColumns));
    const auto rows = database->rows("settings", kColumns, 10);
    ASSERT_TRUE(rows) << rows.error().detail;
    EXPECT_EQ(*rows, (std::vector<std::vector<std::string>>{{"a", "one"}, {"b", "2"}, {"c", ""}}));
    EXPECT_EQ(database->rows("settings", kColumns, 1)->size(), 1u);
  }
}

TEST(ForeignDatabase, KnowsItsTables) {
  const auto database = ForeignDatabase::open(database_with(kPlain));
  ASSERT_TRUE(database);
  EXPECT_FALSE(database->has_table("others", kColumns));
  EXPECT_TRUE(database->has_table("Settings", kColumns));
  const std::array<std::string_view, 1> missing = {"secret"};
  EXPECT_FALSE(database->has_table("settings", missing));
  EXPECT_FALSE(database->rows("settings", std::array<std::string_view, 1>{"secret"}, 1) &&
               database->rows("others", kColumns, 1));
}

TEST(ForeignDatabase, RunsNothingOfTheSchema) {
  const auto database = ForeignDatabase::open(database_with(
      "CREATE TABLE x (a); CREATE VIEW settings AS SELECT a AS key, a AS value FROM x;"
      "CREATE VIEW endless AS WITH RECURSIVE n(key, value) AS (SELECT 1, 1 UNION ALL SELECT"
      " key + 1, 1 FROM n) SELECT * FROM n;"));
  ASSERT_TRUE(database);
  EXPECT_FALSE(database->has_table("settings", kColumns)) << "a view is no table";
  EXPECT_FALSE(database->rows("endless", kColumns, 10));
}

TEST(ForeignDatabase, DamagedOnesAreRefusedAndHarmNothing) {
  EXPECT_FALSE(ForeignDatabase::open(""));
  EXPECT_FALSE(ForeignDatabase::open("SQLite format 3"));
  EXPECT_FALSE(ForeignDatabase::open("GEMINI_API_KEYS=a,b"));
  const std::string good = database_with(kPlain);
  for (std::size_t size = 100; size < good.size(); size += 512) {
    EXPECT_FALSE(ForeignDatabase::open(good.substr(0, size))) << "what is missing is not empty";
  }
  for (std::size_t size = 16; size < good.size(); size += 97) {
    if (const auto database = ForeignDatabase::open(good.substr(0, size))) {
      (void)database->has_table("settings", kColumns);
      (void)database->rows("settings", kColumns, 10);
    }
  }
  for (std::size_t at = 16; at < good.size(); at += 31) {
    std::string changed = good;
    changed[at] = static_cast<char>(~changed[at]);
    if (const auto database = ForeignDatabase::open(changed)) {
      (void)database->has_table("settings", kColumns);
      (void)database->rows("settings", kColumns, 10);
    }
  }
}

}  // namespace
}  // namespace wasat::store
