// The SQLite databases of other gateways: gemini-balance (t_settings),
// its Next.js descendant (ApiKey, Setting) and Business Gemini Pool (accounts).
//
// Pure functions over a database that was given as bytes.

#pragma once

#include "admin/transfer/cargo.h"
#include "admin/transfer/known_settings.h"
#include "base/result.h"
#include "store/sqlite/foreign_database.h"

namespace wasat::admin::transfer {

enum class DatabaseKind : std::uint8_t { kUnknown, kBalance, kBalanceNext, kEnterprise };

DatabaseKind kind_of(const store::ForeignDatabase& database);
// Error: kInvalidRequest, a database of no known kind, or a damaged one.
Result<> add_database(Cargo& cargo, const KnownSettings& settings,
                      const store::ForeignDatabase& database);

}  // namespace wasat::admin::transfer
