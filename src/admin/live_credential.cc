#include "admin/live_credential.h"

namespace wasat::admin {

pool::CredentialPtr make_live(const store::Credential& row) {
  return std::make_shared<pool::Credential>(
      pool::CredentialIdentity{.id = row.id,
                               .provider = row.provider,
                               .name = row.name.empty() ? row.secret.mask() : row.name,
                               .secret = row.secret});
}

void carry_over(const pool::Credential& old, pool::Credential& fresh, pool::WallTime now) {
  fresh.set_state(old.state(), old.state_reason());
  for (const pool::Cooldown& cooldown : old.cooldowns(now)) fresh.cool(cooldown);
  const pool::Credential::Counters& from = old.counters();
  pool::Credential::Counters& to = fresh.counters();
  to.attempts = from.attempts.load();
  to.successes = from.successes.load();
  to.failures_in_a_row = from.failures_in_a_row.load();
  to.last_success = from.last_success.load();
  to.last_failure = from.last_failure.load();
}

store::CredentialState to_store(pool::CredentialState state) {
  switch (state) {
    case pool::CredentialState::kReady:
      return store::CredentialState::kReady;
    case pool::CredentialState::kDisabled:
      return store::CredentialState::kDisabled;
    case pool::CredentialState::kNeedsPerson:
      return store::CredentialState::kNeedsPerson;
  }
  return store::CredentialState::kDisabled;
}

pool::CredentialState to_pool(store::CredentialState state) {
  switch (state) {
    case store::CredentialState::kReady:
      return pool::CredentialState::kReady;
    case store::CredentialState::kDisabled:
      return pool::CredentialState::kDisabled;
    case store::CredentialState::kNeedsPerson:
      return pool::CredentialState::kNeedsPerson;
  }
  return pool::CredentialState::kDisabled;
}

}  // namespace wasat::admin
