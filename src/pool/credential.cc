#include "pool/credential.h"

#include <algorithm>

namespace wasat::pool {

std::string Credential::state_reason() const {
  const std::lock_guard lock(mutex_);
  return state_reason_;
}

void Credential::set_state(CredentialState state, std::string reason) {
  const std::lock_guard lock(mutex_);
  state_reason_ = std::move(reason);
  state_.store(state, std::memory_order_release);
}

WallTime Credential::available_at(std::string_view model) const {
  WallTime at(WallTime::duration(cool_until_.load(std::memory_order_acquire)));
  if (has_model_cooldowns_.load(std::memory_order_acquire) && !model.empty()) {
    const std::lock_guard lock(mutex_);
    const auto found = model_cooldowns_.find(model);
    if (found != model_cooldowns_.end()) at = std::max(at, found->second.until);
  }
  return at;
}

void Credential::cool(Cooldown cooldown) {
  const std::lock_guard lock(mutex_);
  if (cooldown.model.empty()) {
    if (cooldown.until.time_since_epoch().count() <= cool_until_.load()) return;
    cool_until_.store(cooldown.until.time_since_epoch().count(), std::memory_order_release);
    cool_why_ = std::move(cooldown.why);
    return;
  }
  Cooldown& known = model_cooldowns_[cooldown.model];
  if (known.until < cooldown.until) known = std::move(cooldown);
  has_model_cooldowns_.store(true, std::memory_order_release);
}

void Credential::clear_cooldowns() {
  const std::lock_guard lock(mutex_);
  cool_until_.store(0, std::memory_order_release);
  model_cooldowns_.clear();
  has_model_cooldowns_.store(false, std::memory_order_release);
}

std::vector<Cooldown> Credential::cooldowns(WallTime now) const {
  const std::lock_guard lock(mutex_);
  std::vector<Cooldown> current;
  const WallTime all(WallTime::duration(cool_until_.load()));
  if (all > now) current.push_back({.until = all, .why = cool_why_});
  for (const auto& [model, cooldown] : model_cooldowns_) {
    if (cooldown.until > now) current.push_back(cooldown);
  }
  return current;
}

}  // namespace wasat::pool
