// Searching the ledger's file.
//
// On a connection of its own; blocks. A search looks at the blocks that may have what is
// asked for, newest first, and at so many of them at most: then the page says where to go on.

#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "store/keys.h"
#include "store/ledger.h"
#include "store/sqlite/database.h"

namespace wasat::store {

// How far one search looks.
struct LedgerSearchBounds {
  std::size_t blocks_passed = 16 * 1024;
  std::size_t entries_read = 256 * 1024;  // exceeded by a block at most
};

Result<LedgerPage> find_entries(Database& database, const LedgerFilter& filter,
                                const std::string& next, std::size_t limit,
                                const LedgerSearchBounds& bounds);

Result<std::optional<LedgerEntry>> read_entry(Database& database, const Keys& keys,
                                              const std::string& id);

// Removes what the filter holds for, in short transactions.
Result<std::int64_t> remove_entries(Database& database, const LedgerFilter& filter);

}  // namespace wasat::store
