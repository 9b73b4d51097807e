// Between the store and the pool: what the store keeps becomes credentials, what
// the pool learns is noted.

#pragma once

#include "admin/event_hub.h"
#include "observe/log.h"
#include "pool/pool.h"
#include "store/store.h"

namespace wasat::app {

// The pool's credentials as the store has them, with their states and cooldowns.
pool::CredentialList make_credentials(const store::Contents& contents, const Clock& clock);

// At start: credentials that the environment gives again are tried again, since a
// person has put them there; what was learnt about them may have been mended (an API
// enabled, billing set up). Those that Google has banned, or an administrator, stay out of use.
// Returns what the store should note.
std::vector<store::Change> give_another_chance(store::Contents& contents, store::Time now);

// What the pool knows of these, for the store; transient ones are left out.
std::vector<store::Change> note_health(const pool::CredentialList& credentials, const Clock& clock);

// Notes states and cooldowns in the store, so that they survive a restart (not of transient
// credentials, which the store does not know), and tells the operator and who looks on. Any thread;
// blocks nobody.
class CredentialKeeper final : public pool::PoolListener {
 public:
  CredentialKeeper(store::Store& store, observe::Log& log, const Clock& clock,
                   admin::EventHub& events)
      : store_(store), log_(log), clock_(clock), events_(events) {}

  void state_changed(const pool::Credential& credential) override;
  void cooled(const pool::Credential& credential, const pool::Cooldown& cooldown) override;
  void cooldown_cleared(const pool::Credential& credential, std::string_view model) override;

 private:
  store::Store& store_;
  observe::Log& log_;
  const Clock& clock_;
  admin::EventHub& events_;
};

}  // namespace wasat::app
