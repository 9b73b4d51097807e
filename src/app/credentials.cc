#include "app/credentials.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "admin/credential_list.h"
#include "admin/live_credential.h"
#include "admin/registry.h"
#include "admin/write_json.h"

namespace wasat::app {
namespace {

// "For good" in the pool is the end of time, which the store's coarser clock cannot hold.
constexpr store::Time kForGood{std::chrono::milliseconds(253'402'300'799'000)};  // year 9999

// What was believed fades while Wasat is down as it does while it runs.
void restore(pool::Credential& credential, const store::CredentialHealth& health,
             pool::Moment now) {
  const auto since =
      std::chrono::floor<std::chrono::seconds>(store::to_time(now.wall) - health.noted);
  const pool::Belief believed{static_cast<float>(health.successes),
                              static_cast<float>(health.failures)};
  credential.restore({.belief = pool::Posterior::faded(believed, since.count()),
                      .failures_in_a_row = health.failures_in_a_row,
                      .half_open = health.half_open,
                      .attempts = health.attempts,
                      .successes = health.succeeded,
                      .last_success = health.last_success.time_since_epoch().count(),
                      .last_failure = health.last_failure.time_since_epoch().count()},
                     now.steady);
}

// {"id", "name", "state", "reason", "cooldown"}: the event `credential`.
std::string event_of(const pool::Credential& credential, const pool::Cooldown* cooldown,
                     pool::WallTime now) {
  std::string data;
  json::Writer writer(data);
  writer.begin_object()
      .member("id", credential.id())
      .member("name", credential.name())
      .member("state", admin::state_name(credential, now));
  admin::text_or_null(writer, "reason", credential.state_reason());
  writer.key("cooldown");
  if (cooldown == nullptr) {
    writer.null();
  } else {
    writer.begin_object();
    admin::text_or_null(writer, "model", cooldown->model);
    const bool for_good = cooldown->until == pool::WallTime::max();
    admin::time_member(writer, "until", for_good ? store::Time{} : store::to_time(cooldown->until));
    writer.member("why", cooldown->why).end_object();
  }
  writer.end_object();
  return data;
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
    if (banned || credential.reason.starts_with(admin::kByPerson)) continue;
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
  std::unordered_map<std::string_view, const store::CredentialHealth*> health;
  for (const store::CredentialHealth& each : contents.health) {
    health.emplace(each.credential_id, &each);
  }
  pool::CredentialList list;
  list.reserve(contents.credentials.size());
  for (const store::Credential& row : contents.credentials) {
    pool::CredentialPtr credential = admin::make_live(row);
    if (const auto known = health.find(row.id); known != health.end()) {
      restore(*credential, *known->second, now);
    }
    if (const auto rests = cooldowns.find(row.id); rests != cooldowns.end()) {
      for (const store::Cooldown* cooldown : rests->second) {
        credential->cool({.model = cooldown->scope,
                          .until = cooldown->until >= kForGood ? pool::WallTime::max()
                                                               : pool::WallTime(cooldown->until),
                          .why = cooldown->why},
                         now);
      }
    }
    list.push_back(std::move(credential));
  }
  return list;
}

std::vector<store::Change> note_health(const pool::CredentialList& credentials,
                                       const Clock& clock) {
  constexpr std::size_t kAtOnce = 512;
  const pool::Moment now = pool::Moment::now(clock);
  std::vector<store::Change> changes;
  for (std::size_t first = 0; first < credentials.size(); first += kAtOnce) {
    store::PutCredentialHealth put;
    const std::size_t end = std::min(first + kAtOnce, credentials.size());
    for (std::size_t i = first; i < end; ++i) {
      if (credentials[i]->transient()) continue;
      const pool::CredentialHealth health = credentials[i]->health(now.steady);
      const auto time = [](std::int64_t unix_milliseconds) {
        return store::Time(std::chrono::milliseconds(unix_milliseconds));
      };
      put.health.push_back({.credential_id = credentials[i]->id(),
                            .successes = health.belief.successes,
                            .failures = health.belief.failures,
                            .failures_in_a_row = health.failures_in_a_row,
                            .half_open = health.half_open,
                            .attempts = health.attempts,
                            .succeeded = health.successes,
                            .last_success = time(health.last_success),
                            .last_failure = time(health.last_failure),
                            .noted = store::to_time(now.wall)});
    }
    if (!put.health.empty()) changes.emplace_back(std::move(put));
  }
  return changes;
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
  if (!credential.transient()) {
    store_.note(store::SetCredentialState{credential.id(), admin::to_store(credential.state()),
                                          reason, store::to_time(clock_.wall())});
  }
  events_.publish("credential", event_of(credential, nullptr, clock_.wall()));
}

void CredentialKeeper::cooled(const pool::Credential& credential, const pool::Cooldown& cooldown) {
  log_.info("a credential rests", {{"credential", credential.id()},
                                   {"key", credential.name()},
                                   {"model", cooldown.model},
                                   {"why", cooldown.why}});
  if (!credential.transient()) {
    store_.note(store::PutCooldown{{.credential_id = credential.id(),
                                    .scope = cooldown.model,
                                    .until = cooldown.until == pool::WallTime::max()
                                                 ? kForGood
                                                 : store::to_time(cooldown.until),
                                    .why = cooldown.why}});
  }
  events_.publish("credential", event_of(credential, &cooldown, clock_.wall()));
}

void CredentialKeeper::cooldown_cleared(const pool::Credential& credential,
                                        std::string_view model) {
  if (!credential.transient()) {
    store_.note(store::ClearCooldowns{credential.id(), std::string(model)});
  }
  events_.publish("credential", event_of(credential, nullptr, clock_.wall()));
}

}  // namespace wasat::app
