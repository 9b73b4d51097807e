// UsageWriter: the sums in the ledger's file, as they are written.
//
// Those of a step that goes on are rows, to which each transaction adds; a minute after its end
// they become one block for each kind (store/ledger/sum_block.h). What comes later is rows
// again, which join the block. Belongs to the LedgerWriter, and is made anew with it: it may
// remember what was rolled back.

#pragma once

#include <string>
#include <unordered_map>

#include "store/ledger.h"
#include "store/ledger/sums.h"
#include "store/sqlite/database.h"

namespace wasat::store {

class UsageWriter {
 public:
  // Inside a transaction of the caller.
  Result<> add(Database& database, const Sums& sums);

  // One short step: sums that are too old go, those that are over become blocks. True: there
  // is more to do.
  Result<bool> tidy(Database& database, Time now);

 private:
  Result<> add(Database& database, UsageKey key, UsageStep step, const UsageSum& sum);
  Result<std::int64_t> name_id(Database& database, const std::string& text);

  std::unordered_map<std::string, std::int64_t> names_;
};

// What both sides know of the file.
inline std::int64_t to_integer(Time time) { return time.time_since_epoch().count(); }
// The numbers, from a column on.
UsageSum sum_of(const Statement& row, int column);

}  // namespace wasat::store
