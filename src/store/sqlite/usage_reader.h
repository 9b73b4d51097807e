// The sums in the ledger's file.
//
// On a connection of its own; blocks. What it costs goes by the number of steps and keys, not
// of entries: a month of ten thousand credentials takes some hundredths of a second.

#pragma once

#include <string>
#include <vector>

#include "store/ledger.h"
#include "store/sqlite/database.h"

namespace wasat::store {

// As Ledger::usage().
Result<std::vector<UsageSum>> read_usage(Database& database, Time since, Time until, UsageStep step,
                                         UsageKey key, const std::vector<std::string>& only,
                                         Time now);

}  // namespace wasat::store
