// Ledger: what was done, for whom and at what cost: an entry for each exchange, and
// sums of them by minute, hour and day, which cost the same at any size.
//
// Owned by composition. append() is called by workers and waits for nobody: entries
// go to the store's writer in batches through a bounded queue, and what does not fit
// is counted and dropped (Store::status()). Reading blocks: off the workers only.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "store/records.h"

namespace wasat::store {

struct LedgerEntry {
  Time time;       // of the exchange's end
  std::string id;  // of the exchange
  std::string token_id;
  std::string client;  // address
  std::string dialect;
  std::string method;          // "streamGenerateContent"
  std::string model;           // as asked for
  std::string upstream_model;  // as sent
  std::string provider;
  std::string credential_id;  // of the last attempt
  std::string outcome;        // "ok", "client_left", or the error's kind
  std::string error;          // for operators, with the upstream's text; no secrets
  std::int32_t attempts = 0;
  std::int32_t status = 0;  // what the client got
  std::int64_t input = 0;   // tokens; cached ones included
  std::int64_t cached = 0;
  std::int64_t output = 0;  // without thoughts
  std::int64_t thoughts = 0;
  std::int64_t cost = 0;           // billionths of a dollar
  std::int64_t first_byte_us = 0;  // since the start; 0: none was sent
  std::int64_t duration_us = 0;
  std::int64_t bytes_in = 0;
  std::int64_t bytes_out = 0;
  // Only for tokens that ask for it, cut to a bound; sealed at rest.
  std::string request_body;
  std::string response_body;
};

// All that is given must hold; an empty text or nullopt holds always.
struct LedgerFilter {
  std::optional<Time> since;  // inclusive
  std::optional<Time> until;  // exclusive
  std::string token_id;
  std::string credential_id;
  std::string provider;
  std::string dialect;
  std::string model;    // as sent
  std::string outcome;  // "failed": any but ok and client_left
  std::string text;     // anywhere in the error, or an exchange's whole id
  std::optional<int> status;
};

struct LedgerPage {
  std::vector<LedgerEntry> entries;  // newest first, without bodies
  std::string next;                  // where the next page begins; empty: there is none
};

// By what sums are kept apart.
enum class UsageKey : std::uint8_t { kNothing, kToken, kCredential, kModel, kDialect, kProvider };
enum class UsageStep : std::uint8_t { kMinute, kHour, kDay, kWhole };

struct UsageSum {
  Time from;        // the step's beginning; of kWhole: of the asked time
  std::string key;  // a token's id, a model, ...; empty for kNothing
  std::int64_t requests = 0;
  std::int64_t failures = 0;  // neither ok nor client_left
  std::int64_t attempts = 0;
  std::int64_t input = 0;
  std::int64_t cached = 0;
  std::int64_t output = 0;
  std::int64_t thoughts = 0;
  std::int64_t cost = 0;
  std::int64_t first_bytes = 0;    // exchanges that sent one
  std::int64_t first_byte_us = 0;  // of those, added up
  std::int64_t duration_us = 0;    // added up
};

class Ledger {
 public:
  virtual ~Ledger() = default;

  virtual void append(LedgerEntry entry) = 0;

  // At most `limit` entries from `next` on (empty: from the newest).
  virtual Result<LedgerPage> find(const LedgerFilter& filter, const std::string& next,
                                  std::size_t limit) = 0;
  // One entry with its bodies; nothing when it is not there.
  virtual Result<std::optional<LedgerEntry>> read(const std::string& id) = 0;
  // From the sums: minutes are kept for a day, hours for a quarter, days for good.
  virtual Result<std::vector<UsageSum>> usage(Time since, Time until, UsageStep step,
                                              UsageKey key) = 0;
  // Removes the entries (not the sums) that the filter holds for; their number.
  virtual Result<std::int64_t> remove(const LedgerFilter& filter) = 0;
};

}  // namespace wasat::store
