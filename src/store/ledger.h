// Ledger: what was done, for whom and at what cost: an entry for each exchange, and
// sums of them by minute, hour and day, which cost the same at any size.
//
// Owned by composition; it outlives the workers. append() is called by workers and waits
// for nobody: entries go to the ledger's writer through a bounded lane of each worker, and
// what does not fit is counted and dropped (status()). Reading blocks: off the workers only.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "store/records.h"
#include "store/store.h"

namespace wasat::store {

template <class Text>
struct BasicLedgerEntry {
  Time time;  // of the exchange's end
  Text id;    // of the exchange
  Text token_id;
  Text client;  // address
  Text dialect;
  Text method;          // "streamGenerateContent"
  Text model;           // as asked for
  Text upstream_model;  // as sent
  Text provider;
  Text credential_id;  // of the last attempt
  Text outcome;        // "ok", "client_left", or the error's kind
  Text error;          // for operators, with the upstream's text; no secrets
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
  Text request_body;
  Text response_body;
};

using LedgerEntry = BasicLedgerEntry<std::string>;
// What a worker hands over: views, so that nothing is allocated for it.
using LedgerNote = BasicLedgerEntry<std::string_view>;

inline bool is_failure(std::string_view outcome) {
  return outcome != "ok" && outcome != "client_left";
}

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
  // Where the next page begins; empty: there is none. A search looks through so many entries
  // at a time: a page may hold fewer than were asked for, even none, and yet have a next one.
  std::string next;
};

// By what sums are kept apart. (The order of both is part of the ledger's file.)
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

// What may change while it runs.
struct LedgerLimits {
  bool enabled = true;  // false: nothing is added; what is there can be read
  std::chrono::seconds most_age{30 * 24 * 3600};  // of entries
  std::uint64_t most_bytes = 2u << 30;            // on disk, sums included; the oldest entries go
};

struct LedgerStatus : Status {  // `waiting`: entries that are not on disk yet
  std::uint64_t bytes = 0;      // on disk
  std::uint64_t written = 0;    // entries since the start
};

class Ledger {
 public:
  virtual ~Ledger() = default;

  // Only from the thread that owns `lane`, one of those the ledger was opened with.
  virtual void append(std::size_t lane, const LedgerNote& note) = 0;
  // False: notes go nowhere, and need not be made.
  virtual bool enabled() const = 0;

  // At most `limit` entries from `next` on (empty: from the newest). Of entries that are
  // under way: those of the last half second may be missing.
  virtual Result<LedgerPage> find(const LedgerFilter& filter, const std::string& next,
                                  std::size_t limit) = 0;
  // One entry with its bodies; nothing when it is not there.
  virtual Result<std::optional<LedgerEntry>> read(const std::string& id) = 0;
  // From the sums: minutes are kept for a day, hours for a quarter, days for good. In the order
  // of time, then of keys. Times are rounded down to what is kept of them; days begin at
  // midnight UTC. A sum whose key is not known (an exchange that reached no credential) is left
  // out: sums by key may add up to less than kNothing. `only`: of these keys; empty: of all.
  virtual Result<std::vector<UsageSum>> usage(Time since, Time until, UsageStep step, UsageKey key,
                                              const std::vector<std::string>& only) = 0;
  // Removes the entries (not the sums) that the filter holds for; their number.
  virtual Result<std::int64_t> remove(const LedgerFilter& filter) = 0;

  virtual void set_limits(const LedgerLimits& limits) = 0;
  virtual LedgerStatus status() const = 0;
  // As of Store.
  virtual void watch(Trouble::Watcher) {}
  // Writes what waits; the appenders have ended. Later notes are dropped.
  virtual void stop() = 0;
};

}  // namespace wasat::store
