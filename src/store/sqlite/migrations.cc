#include "store/sqlite/migrations.h"

#include <array>
#include <string>

namespace wasat::store {
namespace {

constexpr std::array kMigrations = {
    Migration{
        1,
        1,
#include "store/migrations/sqlite/0001_first.sql"
    },
    Migration{
        2,
        1,
#include "store/migrations/sqlite/0002_resources.sql"
    },
    Migration{
        3,
        1,
#include "store/migrations/sqlite/0003_memos.sql"
    },
    Migration{
        4,
        1,
#include "store/migrations/sqlite/0004_wishes.sql"
    },
    Migration{
        5,
        1,
#include "store/migrations/sqlite/0005_health.sql"
    },
    Migration{
        6,
        1,
#include "store/migrations/sqlite/0006_administration.sql"
    },
    Migration{
        7,
        1,
#include "store/migrations/sqlite/0007_token_keys.sql"
    },
    Migration{
        8,
        1,
#include "store/migrations/sqlite/0008_half_open.sql"
    },
    Migration{
        9,
        1,
#include "store/migrations/sqlite/0009_node_names.sql"
    },
};

constexpr std::array kLedgerMigrations = {
    Migration{
        1,
        1,
#include "store/migrations/sqlite_ledger/0001_first.sql"
    },
    Migration{
        2,
        2,  // an older program would not find them
#include "store/migrations/sqlite_ledger/0002_sum_blocks.sql"
    },
};

Result<> apply_missing(Database& database, std::span<const Migration> migrations,
                       std::int64_t now) {
  if (Result<> made = database.execute(
          "CREATE TABLE IF NOT EXISTS schema_versions (version INTEGER PRIMARY KEY,"
          " compatible_from INTEGER NOT NULL, applied INTEGER NOT NULL) STRICT");
      !made) {
    return made;
  }
  Result<Statement> versions = database.prepare(
      "SELECT COALESCE(MAX(version), 0), COALESCE(MAX(compatible_from), 0) FROM schema_versions");
  if (!versions) return std::unexpected(std::move(versions.error()));
  const Result<bool> row = versions->step();
  if (!row) return std::unexpected(row.error());
  const std::int64_t present = versions->integer(0);
  const std::int64_t needed = versions->integer(1);
  const int known = migrations.empty() ? 0 : migrations.back().version;
  if (needed > known) {
    return fail(internal_error(
        "the database was changed by a newer Wasat (its form is version " +
        std::to_string(present) + ", this program knows up to " + std::to_string(known) +
        "). Start that newer version, or restore the backup from before the upgrade"));
  }
  for (const Migration& migration : migrations) {
    if (migration.version <= present) continue;
    if (Result<> done = database.execute(migration.sql); !done) return done;
    if (Result<> noted = database.run("INSERT INTO schema_versions VALUES (?, ?, ?)",
                                      std::int64_t{migration.version},
                                      std::int64_t{migration.compatible_from}, now);
        !noted) {
      return noted;
    }
  }
  return {};
}

}  // namespace

std::span<const Migration> sqlite_migrations() { return kMigrations; }
std::span<const Migration> ledger_migrations() { return kLedgerMigrations; }

Result<> migrate(Database& database, std::span<const Migration> migrations, std::int64_t now) {
  // Takes the write lock even when nothing is missing: a database that cannot be
  // written to is found now and not at the first change.
  if (Result<> begun = database.execute("BEGIN IMMEDIATE"); !begun) return begun;
  Result<> applied = apply_missing(database, migrations, now);
  const Result<> ended = database.execute(applied ? "COMMIT" : "ROLLBACK");
  return applied ? ended : applied;
}

}  // namespace wasat::store
