#include "app/credentials.h"

#include <algorithm>
#include <array>
#include <unordered_map>

namespace wasat::app {
namespace {

// "For good" in the pool is the end of time, which the store's coarser clock cannot hold.
constexpr store::Time kForGood{std::chrono::milliseconds(253'402'300'799'000)};  // year 9999

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

}  // namespace

std::vector<store::Change> give_another_chance(store::Contents& contents, store::Time now) {
  using gemini::Defect;
  std::vector<store::Change> changes;
  for (store::Credential& credential : contents.credentials) {
    if (!credential.from_environment || credential.state == store::CredentialState::kReady) {
      continue;
    }
    const bool banned = std::ranges::any_of(
        std::array{Defect::kLeaked, Defect::kSuspended, Defect::kTermsViolation},
        [&](Defect defect) { return credential.reason.starts_with(gemini::defect_name(defect)); });
    if (banned) continue;
    credential.state = store::CredentialState::kReady;
    credential.reason.clear();
    changes.emplace_back(
        store::SetCredentialState{credential.id, store::CredentialState::kReady, "", now});
  }
  return changes;
}

pool::CredentialList make_credentials(const store::Contents& contents, const Clock& clock) {
  const pool::Moment now = pool::Moment::now(clock);
  std::unordered_map<std::string_view, std::vector<const store::Cooldown*>> cooldowns;
  for (const store::Cooldown& each : contents.cooldowns) {
    cooldowns[each.credential_id].push_back(&each);
  }
  pool::CredentialList list;
  list.reserve(contents.credentials.size());
  for (const store::Credential& row : contents.credentials) {
    pool::CredentialIdentity identity{.id = row.id,
                                      .provider = row.provider,
                                      .name = row.name.empty() ? row.secret.mask() : row.name,
                                      .secret = row.secret,
                                      .proxy = nullptr,
                                      .tier = row.tier,
                                      .weight = std::max(1U, row.weight),
                                      .most_leases = row.most_leases};
    std::string trouble;
    if (!row.proxy.empty()) {
      Result<net::Proxy> proxy = net::parse_proxy(row.proxy.reveal());
      // It must not go out another way than its owner wants.
      if (!proxy) trouble = "its proxy: " + proxy.error().detail;
      if (proxy) identity.proxy = std::make_shared<const net::Proxy>(std::move(*proxy));
    }
    auto credential = std::make_shared<pool::Credential>(std::move(identity));
    if (!trouble.empty()) {
      credential->set_state(pool::CredentialState::kNeedsPerson, trouble);
    } else if (row.state != store::CredentialState::kReady) {
      credential->set_state(to_pool(row.state), row.reason);
    }
    for (const store::Cooldown* cooldown : cooldowns[row.id]) {
      credential->cool({.model = cooldown->scope,
                        .until = cooldown->until >= kForGood ? pool::WallTime::max()
                                                             : pool::WallTime(cooldown->until),
                        .why = cooldown->why},
                       now);
    }
    list.push_back(std::move(credential));
  }
  return list;
}

void CredentialKeeper::state_changed(const pool::Credential& credential) {
  const std::string reason = credential.state_reason();
  if (credential.state() == pool::CredentialState::kReady) {
    log_.info("a credential is used again",
              {{"credential", credential.id()}, {"key", credential.name()}});
  } else {
    log_.warn("a credential is out of use",
              {{"credential", credential.id()}, {"key", credential.name()}, {"reason", reason}});
  }
  store_.note(store::SetCredentialState{credential.id(), to_store(credential.state()), reason,
                                        store::to_time(clock_.wall())});
}

void CredentialKeeper::cooled(const pool::Credential& credential, const pool::Cooldown& cooldown) {
  log_.info("a credential rests", {{"credential", credential.id()},
                                   {"key", credential.name()},
                                   {"model", cooldown.model},
                                   {"why", cooldown.why}});
  store_.note(store::PutCooldown{
      {.credential_id = credential.id(),
       .scope = cooldown.model,
       .until = cooldown.until == pool::WallTime::max() ? kForGood : store::to_time(cooldown.until),
       .why = cooldown.why}});
}

void CredentialKeeper::cooldown_cleared(const pool::Credential& credential,
                                        std::string_view model) {
  store_.note(store::ClearCooldowns{credential.id(), std::string(model)});
}

}  // namespace wasat::app
