#include "pool/credential.h"

#include <algorithm>

namespace wasat::pool {
namespace {

// Shorter ones are reckoned in steady time alone.
constexpr std::chrono::hours kFollowsWall{1};

}  // namespace

Credential::Credential(CredentialIdentity identity)
    : most_leases_(identity.most_leases == 0 ? UINT32_MAX : identity.most_leases),
      identity_(std::move(identity)) {}

Credential::Details& Credential::details() {
  if (details_ == nullptr) details_ = std::make_unique<Details>();
  return *details_;
}

Credential::ModelRest* Credential::find_model(std::string_view model) const {
  if (details_ == nullptr) return nullptr;
  const auto found = std::ranges::find_if(
      details_->models, [model](const ModelRest& rest) { return rest.cooldown.model == model; });
  return found != details_->models.end() ? &*found : nullptr;
}

std::string Credential::state_reason() const {
  const std::lock_guard lock(mutex_);
  return details_ != nullptr ? details_->state_reason : std::string();
}

void Credential::set_state(CredentialState state, std::string reason) {
  const std::lock_guard lock(mutex_);
  if (details_ != nullptr || !reason.empty()) details().state_reason = std::move(reason);
  state_.store(state, std::memory_order_release);
}

WallTime Credential::available_at(std::string_view model) const {
  if (cool_until_.load(std::memory_order_acquire) == 0 &&
      !has_model_rests_.load(std::memory_order_acquire)) {
    return {};
  }
  const std::lock_guard lock(mutex_);
  WallTime at = details_->until;
  if (const ModelRest* rest = model.empty() ? nullptr : find_model(model)) {
    at = std::max(at, rest->cooldown.until);
  }
  return at;
}

Ticks Credential::model_rests_until(std::string_view model) const {
  if (model.empty() || !has_model_rests_.load(std::memory_order_acquire)) return 0;
  const std::lock_guard lock(mutex_);
  const ModelRest* rest = find_model(model);
  if (rest == nullptr) return 0;
  return rest->probed ? kBusy : rest->until;
}

void Credential::cool(const Cooldown& cooldown, Moment now) {
  const std::lock_guard lock(mutex_);
  const Ticks until = now.steady_at(cooldown.until);
  Details& known = details();
  if (cooldown.model.empty()) {
    if (until <= cool_until_.load(std::memory_order_relaxed)) return;
    known.until = cooldown.until;
    known.why = cooldown.why;
    if (cooldown.half_open) half_open_.store(true, std::memory_order_relaxed);
    cool_until_.store(until, std::memory_order_release);
    return;
  }
  // One that is over already may still have left a doubt.
  ModelRest* rest = find_model(cooldown.model);
  if (rest == nullptr) {
    known.models.push_back({.cooldown = cooldown, .until = until});
  } else if (rest->until < until) {
    rest->cooldown = cooldown;
    rest->until = until;
  }
  has_model_rests_.store(true, std::memory_order_release);
}

bool Credential::clear_cooldown(std::string_view model) {
  const std::lock_guard lock(mutex_);
  if (model.empty()) {
    if (details_ != nullptr) details_->until = {};
    return cool_until_.exchange(0, std::memory_order_release) != 0;
  }
  if (details_ == nullptr) return false;
  const bool cleared = std::erase_if(details_->models, [model](const ModelRest& rest) {
                         return rest.cooldown.model == model;
                       }) > 0;
  has_model_rests_.store(!details_->models.empty(), std::memory_order_release);
  return cleared;
}

void Credential::clear_cooldowns() {
  const std::lock_guard lock(mutex_);
  if (details_ != nullptr) {
    details_->until = {};
    details_->models.clear();
  }
  half_open_.store(false, std::memory_order_relaxed);
  cool_until_.store(0, std::memory_order_release);
  has_model_rests_.store(false, std::memory_order_release);
}

std::vector<Cooldown> Credential::cooldowns(WallTime now) const {
  const std::lock_guard lock(mutex_);
  std::vector<Cooldown> current;
  if (details_ == nullptr) return current;
  if (details_->until > now) {
    current.push_back({.until = details_->until, .why = details_->why, .half_open = half_open()});
  }
  for (const ModelRest& rest : details_->models) {
    if (rest.cooldown.until > now) current.push_back(rest.cooldown);
  }
  return current;
}

// The day's quota comes back at a time of the wall clock, so a clock that is set right
// while Wasat runs counts. One that is set back must not make the rest any longer.
void Credential::follow_wall(Moment now) {
  const std::lock_guard lock(mutex_);
  if (details_ == nullptr) return;
  const auto followed = [now](WallTime until, Ticks rests_until) {
    const bool long_rest = std::chrono::nanoseconds(rests_until - now.steady) >= kFollowsWall;
    return long_rest ? std::min(rests_until, now.steady_at(until)) : rests_until;
  };
  cool_until_.store(followed(details_->until, cool_until_.load(std::memory_order_relaxed)),
                    std::memory_order_release);
  for (ModelRest& rest : details_->models) {
    rest.until = followed(rest.cooldown.until, rest.until);
  }
}

CredentialHealth Credential::health(Ticks now) const {
  return {.belief = posterior_.at(now),
          .failures_in_a_row = failures_in_a_row(),
          .half_open = half_open(),
          .attempts = counters_.attempts(),
          .successes = counters_.successes.load(std::memory_order_relaxed),
          .last_success = counters_.last_success.load(std::memory_order_relaxed),
          .last_failure = counters_.last_failure.load(std::memory_order_relaxed)};
}

void Credential::restore(const CredentialHealth& health, Ticks now) {
  posterior_.restore(health.belief, now);
  half_open_.store(health.half_open, std::memory_order_relaxed);
  failures_in_a_row_.set(health.failures_in_a_row);
  counters_.not_successes.store(health.attempts - std::min(health.attempts, health.successes),
                                std::memory_order_relaxed);
  counters_.successes.store(health.successes, std::memory_order_relaxed);
  counters_.last_success.store(health.last_success, std::memory_order_relaxed);
  counters_.last_failure.store(health.last_failure, std::memory_order_relaxed);
}

void Credential::take_over(const Credential& other, Moment now) {
  restore(other.health(now.steady), now.steady);
  set_state(other.state(), other.state_reason());
  for (const Cooldown& cooldown : other.cooldowns(now.wall)) cool(cooldown, now);
}

bool Credential::acquire(std::string_view model, Ticks now, bool& probes) {
  if (!serves() || cool_until_.load(std::memory_order_acquire) > now) {
    return false;
  }
  const std::uint32_t most = most_leases();
  if (leased_.fetch_add(1, std::memory_order_acq_rel) >= most) {
    leased_.fetch_sub(1, std::memory_order_acq_rel);
    return false;
  }
  probes = false;
  if (has_model_rests_.load(std::memory_order_acquire) && !model.empty()) {
    const std::lock_guard lock(mutex_);
    if (ModelRest* rest = find_model(model)) {
      if (rest->until > now || rest->probed) {
        leased_.fetch_sub(1, std::memory_order_acq_rel);
        return false;
      }
      probes = rest->probed = rest->cooldown.half_open;
    }
  }
  last_used_.store(static_cast<std::uint32_t>(now / 1'000'000), std::memory_order_relaxed);
  return true;
}

void Credential::release(std::string_view model, bool probes) {
  leased_.fetch_sub(1, std::memory_order_acq_rel);
  if (!probes) return;
  const std::lock_guard lock(mutex_);
  if (ModelRest* rest = find_model(model)) rest->probed = false;
}

Credential::Proven Credential::prove(std::string_view model, Ticks now) {
  faults_in_a_row_.end();
  failures_in_a_row_.end();
  // What rests was refused after this answer began.
  Proven proven;
  if (half_open() && cool_until_.load(std::memory_order_relaxed) <= now) {
    half_open_.store(false, std::memory_order_relaxed);
    proven.whole = true;
  }
  if (has_model_rests_.load(std::memory_order_acquire)) {
    const std::lock_guard lock(mutex_);
    const auto is_over = [&](const ModelRest& rest) {
      return rest.cooldown.model == model && rest.until <= now;
    };
    proven.model = details_ != nullptr && std::erase_if(details_->models, is_over) > 0;
    has_model_rests_.store(details_ != nullptr && !details_->models.empty(),
                           std::memory_order_release);
  }
  return proven;
}

}  // namespace wasat::pool
