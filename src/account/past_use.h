// What tokens have used before, from the ledger's sums to the meter.
//
// Blocks: at start, before the workers; and off them when a token gets limits that has had
// none, since nobody has metered it. It can be called again: where the meter knows more, that
// stays. A ledger that is switched off has nothing to tell: then days, months and
// totals begin anew at each start.

#pragma once

#include <string_view>

#include "account/meter.h"
#include "store/ledger.h"

namespace wasat::account {

// Of one token, or of all when the id is empty. Errors: the ledger's.
Result<> restore_past_use(Meter& meter, store::Ledger& ledger, Clock::Wall now,
                          std::string_view token_id = {});

}  // namespace wasat::account
