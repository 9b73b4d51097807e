// The last phase of an exchange of any kind: its books are closed.
//
// Leases were settled by who held them, where it showed how they went. Here the outcome is
// named, the token's limits learn what was used, and log, metrics and ledger are told. On
// the exchange's worker; nothing waits.

#pragma once

#include "gateway/allowance.h"
#include "gateway/record.h"
#include "gateway/shared.h"

namespace wasat::gateway {

// What the token's limits learn, and nothing else: before the end of an answer goes out, since
// who has all of it may ask again at once. close_books() finds it done.
void settle_limits(Worker& worker, Allowance& allowance, Record& record, const Result<>& result,
                   bool departed);

// `departed`: the client had left before the end. Changes the record's outcome, status, error
// and cost.
void close_books(const Shared& shared, Worker& worker, Allowance& allowance, Record& record,
                 const Result<>& result, bool departed);

// The same as the ledger keeps it. Its views point into the record, and the error into
// `redacted`.
store::LedgerNote ledger_note(const Record& record, std::string& redacted, Clock::Wall wall,
                              Clock::Steady now);

}  // namespace wasat::gateway
