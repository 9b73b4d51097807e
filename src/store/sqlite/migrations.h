// Brings a database to the form that this program knows. Start-up only.
//
// Changes expand first: a migration adds, and what it replaces is removed some
// versions later, so that an older program can run beside a newer one. Each says
// the oldest program that can work with its result; older ones refuse to start.

#pragma once

#include <span>

#include "base/result.h"
#include "store/sqlite/database.h"

namespace wasat::store {

struct Migration {
  int version;          // 1, 2, 3 ...
  int compatible_from;  // programs that know this version can use the result
  const char* sql;
};

std::span<const Migration> sqlite_migrations();
std::span<const Migration> ledger_migrations();  // of the ledger's own file

// Applies what is missing, in one transaction. A database that is too new is
// refused. `now` is written beside each, for people.
Result<> migrate(Database& database, std::span<const Migration> migrations, std::int64_t now);

}  // namespace wasat::store
