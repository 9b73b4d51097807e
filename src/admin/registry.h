// Registry: the administrative rows in memory, and the one way to change them.
//
// A change is written to the store and, when that has succeeded, published to those who use
// it: the pool, the table of tokens, the model aliases. Owned by Administration; belongs to the
// admin thread, so that changes come one behind another and may wait for the store.

#pragma once

#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "account/token_table.h"
#include "base/clock.h"
#include "base/snapshot.h"
#include "gemini/model_names.h"
#include "pool/pool.h"
#include "store/keys.h"
#include "store/store.h"

namespace wasat::admin {

// What is known of a credential beside what the pool has.
struct CredentialRow {
  pool::CredentialPtr live;  // identity, state, counters
  bool from_environment = false;
  store::Time created;
  store::Time updated;
  std::optional<int> tier;
  std::uint32_t weight = 1;
  std::uint32_t most_leases = 0;
  Secret proxy;
  std::string note;
};

class Registry {
 public:
  // All references outlive this.
  struct Parts {
    const Clock& clock;
    store::Store& store;
    const store::Keys& keys;
    pool::Pool& pool;
    Snapshot<account::TokenTable>& tokens;
    Snapshot<gemini::ModelAliases>& aliases;
  };
  // `contents`: as the pool and the tables were made from.
  Registry(Parts parts, const store::Contents& contents);

  std::span<const CredentialRow> credentials() const { return credentials_; }
  const CredentialRow* find_credential(std::string_view id) const;

 private:
  Parts parts_;
  std::vector<CredentialRow> credentials_;  // oldest first
};

}  // namespace wasat::admin
