// The statements of the SQLite store: changes in, contents out.

#pragma once

#include "base/result.h"
#include "store/keys.h"
#include "store/records.h"
#include "store/sqlite/database.h"

namespace wasat::store {

// Inside a transaction of the caller.
Result<> apply(Database& database, const Keys& keys, const Change& change);

Result<Contents> read_contents(Database& database, const Keys& keys, Time now);

// Newest first; what cannot be opened is left out.
Result<std::vector<Memo>> read_memos(Database& database, const Keys& keys,
                                     std::uint64_t most_bytes);

// Newest first, with numbers below `before`; 0: from the newest.
Result<std::vector<AuditEntry>> read_audit_entries(Database& database, std::int64_t before,
                                                   std::size_t limit);

std::string_view memo_kind_name(Memo::Kind kind);
std::string memo_place(std::string_view token_id, std::string_view kind, std::string_view key);

// The first time, leaves a proof of the key behind; later, compares with it.
Result<> prove_master_key(Database& database, const Keys& keys);

}  // namespace wasat::store
