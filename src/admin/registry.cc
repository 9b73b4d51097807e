#include "admin/registry.h"

#include <algorithm>

#include "admin/live_credential.h"
#include "provider/api_key/api_key.h"
#include "store/environment.h"

namespace wasat::admin {
namespace {

CredentialRow row_of(const store::Credential& row, pool::CredentialPtr live) {
  return {.live = std::move(live),
          .from_environment = row.from_environment,
          .created = row.created,
          .updated = row.updated,
          .tier = row.tier,
          .weight = row.weight,
          .most_leases = row.most_leases,
          .proxy = row.proxy,
          .note = row.note};
}

// Of one that no store knows.
CredentialRow row_of(const pool::Credential& credential, pool::CredentialPtr live) {
  const pool::CredentialIdentity& identity = credential.identity();
  CredentialRow row{.live = std::move(live)};
  row.tier = identity.tier;
  row.weight = identity.weight;
  row.most_leases = identity.most_leases;
  return row;
}

}  // namespace

Registry::Registry(Parts parts, const store::Contents& contents, FromSettings settings)
    : parts_(parts), settings_(std::move(settings)) {
  fill(contents);
}

void Registry::fill(const store::Contents& contents) {
  tokens_ = contents.tokens;
  token_keys_ = contents.token_keys;
  aliases_ = contents.model_aliases;
  const std::shared_ptr<const pool::CredentialList> list = parts_.pool.credentials();
  std::unordered_map<std::string_view, pool::CredentialPtr> live;
  for (const pool::CredentialPtr& each : *list) live.emplace(each->id(), each);
  credentials_.clear();
  credentials_.reserve(contents.credentials.size());
  for (const store::Credential& row : contents.credentials) {
    const auto found = live.find(row.id);
    if (found != live.end()) credentials_.push_back(row_of(row, found->second));
  }
  index();
}

void Registry::reload(const store::Contents& contents, pool::CredentialList live) {
  parts_.pool.replace(std::move(live));
  fill(contents);
  publish_tokens();
  publish_aliases();
}

void Registry::index() {
  by_id_.clear();
  for (std::size_t i = 0; i < credentials_.size(); ++i) {
    by_id_.emplace(credentials_[i].live->id(), i);
  }
}

void Registry::publish_pool() {
  pool::CredentialList list;
  list.reserve(credentials_.size());
  for (const CredentialRow& row : credentials_) list.push_back(row.live);
  parts_.pool.replace(std::move(list));
}

void Registry::publish_tokens() {
  parts_.tokens.publish(std::make_shared<const account::TokenTable>(
      tokens_, settings_.tokens, settings_.tokens_allowed, parts_.keys.tokens,
      settings_.token_limits, token_keys_, settings_.relay_tokens));
  if (parts_.tokens_changed) parts_.tokens_changed();
}

void Registry::publish_aliases() {
  std::vector<gemini::ModelAlias> rows;
  for (const auto& [pattern, target] : aliases_) rows.push_back({pattern, target});
  for (const auto& [pattern, target] : settings_.aliases) rows.push_back({pattern, target});
  parts_.aliases.publish(std::make_shared<const gemini::ModelAliases>(std::move(rows)));
}

// Keys that the settings give from now on join, others leave.
void Registry::use_api_keys() {
  store::Contents contents;
  std::unordered_map<std::string, CredentialRow> known;
  for (CredentialRow& row : credentials_) {
    contents.credentials.push_back(stored(row));
    known.emplace(row.live->id(), std::move(row));
  }
  by_id_.clear();
  credentials_.clear();
  for (store::Change& change : store::add_environment_credentials(
           contents, parts_.keys, provider::kApiKey, settings_.api_keys, now())) {
    parts_.store.note(std::move(change));
  }
  for (const store::Credential& row : contents.credentials) {
    const auto found = known.find(row.id);
    credentials_.push_back(found == known.end() ? row_of(row, make_live(row))
                                                : std::move(found->second));
  }
  index();
  publish_pool();
}

void Registry::use_settings(FromSettings settings) {
  const bool other_keys =
      !std::ranges::equal(settings.api_keys, settings_.api_keys,
                          [](const Secret& a, const Secret& b) { return a.equals(b.reveal()); });
  settings_ = std::move(settings);
  if (other_keys) use_api_keys();
  publish_tokens();
  publish_aliases();
}

const CredentialRow* Registry::find_credential(std::string_view id) const {
  const auto found = by_id_.find(id);
  return found == by_id_.end() ? nullptr : &credentials_[found->second];
}

std::vector<CredentialRow> Registry::transient_credentials() const {
  std::vector<CredentialRow> rows;
  const std::shared_ptr<const pool::CredentialList> list = parts_.pool.credentials();
  for (const pool::CredentialPtr& each : *list) {
    if (each->transient()) rows.push_back(row_of(*each, each));
  }
  return rows;
}

std::optional<CredentialRow> Registry::find_transient(std::string_view id) const {
  const pool::CredentialPtr found = parts_.pool.find(id);
  if (found == nullptr || !found->transient()) return std::nullopt;
  return row_of(*found, found);
}

pool::CredentialPtr Registry::find_live(std::string_view id) const {
  if (const CredentialRow* row = find_credential(id)) return row->live;
  const std::optional<CredentialRow> transient = find_transient(id);
  return transient ? transient->live : nullptr;
}

std::string Registry::credential_name(std::string_view id) const {
  const pool::CredentialPtr live = find_live(id);
  return live != nullptr ? live->name() : std::string();
}

store::Credential Registry::stored(const CredentialRow& row) const {
  return {.id = row.live->id(),
          .provider = row.live->provider(),
          .name = row.live->name(),
          .secret = row.live->secret(),
          .from_environment = row.from_environment,
          .state = to_store(row.live->state()),
          .reason = row.live->state_reason(),
          .created = row.created,
          .updated = row.updated,
          .tier = row.tier,
          .weight = row.weight,
          .most_leases = row.most_leases,
          .proxy = row.proxy,
          .note = row.note};
}

std::string Registry::fingerprint(std::string_view provider, const Secret& secret) const {
  return std::string(as_bytes(parts_.keys.fingerprint(provider, secret)));
}

std::unordered_set<std::string> Registry::fingerprints() const {
  std::unordered_set<std::string> known;
  known.reserve(credentials_.size());
  for (const CredentialRow& row : credentials_) {
    known.insert(fingerprint(row.live->provider(), row.live->secret()));
  }
  return known;
}

Result<> Registry::add_credentials(std::vector<store::Credential> rows) {
  std::vector<store::Change> changes;
  changes.reserve(rows.size());
  for (const store::Credential& row : rows) changes.emplace_back(store::PutCredential{row});
  if (Result<> written = parts_.store.write_and_wait(std::move(changes)); !written) return written;
  pool::CredentialList fresh;
  for (const store::Credential& row : rows) {
    fresh.push_back(make_live(row));
    credentials_.push_back(row_of(row, fresh.back()));
  }
  index();
  parts_.pool.put(fresh);
  return {};
}

Result<> Registry::edit_credentials(std::vector<store::Credential> rows) {
  std::vector<store::Change> changes;
  for (store::Credential& row : rows) {
    row.updated = now();
    changes.emplace_back(store::PutCredential{row});
  }
  if (Result<> written = parts_.store.write_and_wait(std::move(changes)); !written) return written;
  pool::CredentialList fresh;
  std::vector<CredentialRow> replaced;  // names in the index are theirs
  for (const store::Credential& row : rows) {
    const auto found = by_id_.find(row.id);
    if (found == by_id_.end()) continue;
    fresh.push_back(make_live(row));
    replaced.push_back(std::exchange(credentials_[found->second], row_of(row, fresh.back())));
  }
  index();
  parts_.pool.put(fresh);
  return {};
}

Result<> Registry::remove_credentials(std::span<const std::string> ids) {
  std::vector<store::Change> changes;
  for (const std::string& id : ids) changes.emplace_back(store::RemoveCredential{id});
  if (Result<> written = parts_.store.write_and_wait(std::move(changes)); !written) return written;
  const std::unordered_set<std::string_view> gone(ids.begin(), ids.end());
  by_id_.clear();  // its names go with their rows
  std::erase_if(credentials_,
                [&](const CredentialRow& row) { return gone.contains(row.live->id()); });
  index();
  parts_.pool.remove(ids);
  return {};
}

Result<> Registry::set_states(std::span<const std::string> ids, pool::CredentialState state,
                              const std::string& reason) {
  std::vector<store::Change> changes;
  for (const std::string& id : ids) {
    if (!by_id_.contains(id)) continue;
    changes.emplace_back(store::SetCredentialState{id, to_store(state), reason, now()});
    // Who is ready again starts anew.
    if (state == pool::CredentialState::kReady) {
      changes.emplace_back(store::ClearCooldowns{id, std::nullopt});
    }
  }
  if (!changes.empty()) {
    if (Result<> written = parts_.store.write_and_wait(std::move(changes)); !written) {
      return written;
    }
  }
  for (const std::string& id : ids) {
    const auto found = by_id_.find(id);
    if (found == by_id_.end()) {
      if (const auto transient = find_transient(id)) {
        parts_.pool.set_state(*transient->live, state, reason);
      }
      continue;
    }
    CredentialRow& row = credentials_[found->second];
    parts_.pool.set_state(*row.live, state, reason);
    row.updated = now();
  }
  return {};
}

Result<> Registry::reset_credentials(std::span<const std::string> ids) {
  std::vector<std::string> some;
  for (const std::string& id : ids) {
    const pool::CredentialPtr live = find_live(id);
    if (live != nullptr && !live->state_reason().starts_with(kByPerson)) some.push_back(id);
  }
  return set_states(some, pool::CredentialState::kReady, {});
}

const store::Token* Registry::find_token(std::string_view id) const {
  const auto found = std::ranges::find(tokens_, id, &store::Token::id);
  return found == tokens_.end() ? nullptr : &*found;
}

Result<> Registry::put_token(store::Token row) {
  std::vector<store::Change> changes;
  changes.emplace_back(store::PutToken{row});
  if (Result<> written = parts_.store.write_and_wait(std::move(changes)); !written) return written;
  const auto found = std::ranges::find(tokens_, row.id, &store::Token::id);
  if (found == tokens_.end()) {
    tokens_.push_back(std::move(row));
  } else {
    *found = std::move(row);
  }
  publish_tokens();
  return {};
}

Result<> Registry::remove_token(std::string_view id) {
  std::vector<store::Change> changes;
  changes.emplace_back(store::RemoveToken{std::string(id)});
  if (Result<> written = parts_.store.write_and_wait(std::move(changes)); !written) return written;
  std::erase_if(tokens_, [id](const store::Token& row) { return row.id == id; });
  publish_tokens();
  return {};
}

Result<> Registry::put_alias(const std::string& alias, const std::string& model) {
  std::vector<store::Change> changes;
  changes.emplace_back(store::PutModelAlias{alias, model});
  if (Result<> written = parts_.store.write_and_wait(std::move(changes)); !written) return written;
  aliases_[alias] = model;
  publish_aliases();
  return {};
}

Result<> Registry::remove_alias(const std::string& alias) {
  std::vector<store::Change> changes;
  changes.emplace_back(store::RemoveModelAlias{alias});
  if (Result<> written = parts_.store.write_and_wait(std::move(changes)); !written) return written;
  aliases_.erase(alias);
  publish_aliases();
  return {};
}

}  // namespace wasat::admin
