// Registry: the administrative rows in memory, and the one way to change them.
//
// A change is written to the store and, when that has succeeded, published to those who use
// it: the pool, the table of tokens, the model aliases. Owned by Administration; belongs to the
// admin thread, so that changes come one behind another and may wait for the store.

#pragma once

#include <functional>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <unordered_set>
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

// How the reason of a credential begins that somebody took out of use.
inline constexpr std::string_view kByPerson = "disabled by an administrator";

// What the settings give beside the store's rows.
struct FromSettings {
  std::vector<Secret> tokens;
  account::Allowed tokens_allowed;
  account::Limits token_limits;
  std::map<std::string, std::string> aliases;
  std::vector<Secret> api_keys;
  std::vector<Secret> relay_tokens;  // of nodes
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
    // Called when other tokens are good than before; may be empty.
    std::function<void()> tokens_changed{};
  };
  // `contents`: what the pool was filled with.
  Registry(Parts parts, const store::Contents& contents, FromSettings settings);

  // credentials
  std::span<const CredentialRow> credentials() const { return credentials_; }
  const CredentialRow* find_credential(std::string_view id) const;
  // Members of the pool that come and go by themselves (relay nodes). They are shown, and
  // put out of use, like the others, but the store knows nothing of it: they are neither
  // edited nor removed here.
  std::vector<CredentialRow> transient_credentials() const;
  std::optional<CredentialRow> find_transient(std::string_view id) const;
  // Of either kind; null: there is none.
  pool::CredentialPtr find_live(std::string_view id) const;
  // What people call it; empty: it is not known any more.
  std::string credential_name(std::string_view id) const;
  // As the store has it, with the state that it has now.
  store::Credential stored(const CredentialRow& row) const;
  // What tells duplicates; over all credentials.
  std::unordered_set<std::string> fingerprints() const;
  std::string fingerprint(std::string_view provider, const Secret& secret) const;
  // New ones; all or none.
  Result<> add_credentials(std::vector<store::Credential> rows);
  // Rows of known ids in the place of those; all or none.
  Result<> edit_credentials(std::vector<store::Credential> rows);
  Result<> remove_credentials(std::span<const std::string> ids);
  // Of either kind.
  Result<> set_states(std::span<const std::string> ids, pool::CredentialState state,
                      const std::string& reason);
  // They start anew: ready, without cooldowns and failures. Those that an administrator has
  // disabled stay so.
  Result<> reset_credentials(std::span<const std::string> ids);

  // tokens
  std::span<const Secret> token_keys() const { return token_keys_; }
  std::span<const store::Token> tokens() const { return tokens_; }
  const store::Token* find_token(std::string_view id) const;
  Result<> put_token(store::Token row);
  Result<> remove_token(std::string_view id);

  // model aliases
  const std::map<std::string, std::string>& aliases() const { return aliases_; }
  Result<> put_alias(const std::string& alias, const std::string& model);
  Result<> remove_alias(const std::string& alias);

  // what the settings give; changes with them
  const FromSettings& from_settings() const { return settings_; }
  void use_settings(FromSettings settings);

  // Everything again, as the store has it now: behind an import. `contents` with the
  // credentials of the environment.
  void reload(const store::Contents& contents, pool::CredentialList live);

 private:
  void fill(const store::Contents& contents);
  void index();
  void use_api_keys();
  void publish_pool();
  void publish_tokens();
  void publish_aliases();
  store::Time now() const { return store::to_time(parts_.clock.wall()); }

  Parts parts_;
  std::vector<CredentialRow> credentials_;  // oldest first
  std::unordered_map<std::string_view, std::size_t> by_id_;
  std::vector<store::Token> tokens_;
  std::vector<Secret> token_keys_;  // of machines whose tokens were imported
  std::map<std::string, std::string> aliases_;
  FromSettings settings_;
};

}  // namespace wasat::admin
