#include "admin/apply_import.h"

#include "admin/context.h"
#include "admin/live_credential.h"
#include "provider/api_key/api_key.h"
#include "store/environment.h"

namespace wasat::admin {
namespace {

// What a call meets: nothing of how it is listed, dated or explained.
bool is_same(const store::Credential& a, const store::Credential& b) {
  return a.provider == b.provider && a.name == b.name && a.secret.equals(b.secret.reveal()) &&
         a.from_environment == b.from_environment && a.state == b.state && a.tier == b.tier &&
         a.weight == b.weight && a.most_leases == b.most_leases && a.proxy.equals(b.proxy.reveal());
}

// Members of the pool for the store's rows: those that have not changed go on as they are.
pool::CredentialList live_list(const Registry& registry, const store::Contents& contents,
                               pool::Moment now) {
  pool::CredentialList list;
  list.reserve(contents.credentials.size());
  for (const store::Credential& row : contents.credentials) {
    const CredentialRow* known = registry.find_credential(row.id);
    if (known != nullptr && is_same(registry.stored(*known), row)) {
      list.push_back(known->live);
      continue;
    }
    pool::CredentialPtr fresh = make_live(row);
    if (known != nullptr) {
      // What was learnt goes over, but not the state: that is as the document says.
      const pool::CredentialState state = fresh->state();
      const std::string reason = fresh->state_reason();
      fresh->take_over(*known->live, now);
      fresh->set_state(state, reason);
    }
    list.push_back(std::move(fresh));
  }
  return list;
}

std::map<std::string, Secret> settings_after(const std::map<std::string, Secret>& before,
                                             const std::vector<store::Change>& changes) {
  std::map<std::string, Secret> settings = before;
  for (const store::Change& change : changes) {
    if (const auto* put = std::get_if<store::PutSetting>(&change)) {
      settings.insert_or_assign(put->key, put->value);
    } else if (const auto* removed = std::get_if<store::RemoveSetting>(&change)) {
      settings.erase(removed->key);
    }
  }
  return settings;
}

}  // namespace

store::Contents contents_of(const Context& context) {
  store::Contents contents;
  for (const CredentialRow& row : context.registry.credentials()) {
    contents.credentials.push_back(context.registry.stored(row));
  }
  contents.tokens.assign(context.registry.tokens().begin(), context.registry.tokens().end());
  contents.token_keys.assign(context.registry.token_keys().begin(),
                             context.registry.token_keys().end());
  contents.settings = context.settings.stored();
  contents.model_aliases = context.registry.aliases();
  return contents;
}

std::expected<std::vector<std::string>, Refusal> apply_import(Context& context,
                                                              std::vector<store::Change> changes) {
  std::map<std::string, Secret> settings = settings_after(context.settings.stored(), changes);
  if (auto refusal = context.settings.refuse_stored(settings)) return refuse(std::move(*refusal));
  std::string password;
  for (const store::Change& change : changes) {
    if (const auto* set = std::get_if<store::SetAdminPassword>(&change)) password = set->hash;
  }
  if (const Result<> written = context.store.write_and_wait(std::move(changes)); !written) {
    return refuse(refusal_of(written.error()));
  }
  Result<store::Contents> contents = context.store.load_all();
  if (!contents) return refuse(refusal_of(contents.error()));
  for (store::Change& note : store::add_environment_credentials(
           *contents, context.keys, provider::kApiKey, context.registry.from_settings().api_keys,
           store::to_time(context.clock.wall()))) {
    context.store.note(std::move(note));
  }
  context.registry.reload(*contents,
                          live_list(context.registry, *contents, pool::Moment::now(context.clock)));
  if (!password.empty()) context.password.replace(std::move(password));
  return context.settings.use_stored(std::move(settings));
}

}  // namespace wasat::admin
