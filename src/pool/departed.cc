#include "pool/departed.h"

namespace wasat::pool {

void Departed::remember(const Credential& credential, Moment now) {
  const bool fared_well = credential.state() == CredentialState::kReady &&
                          credential.counters().attempts() == 0 &&
                          credential.cooldowns(now.wall).empty();
  if (fared_well) return;
  auto memory = std::make_unique<Credential>(
      CredentialIdentity{.id = credential.id(), .provider = credential.provider()});
  memory->take_over(credential, now);
  known_.insert_or_assign(credential.id(), Known{std::move(memory), now.steady});
  order_.emplace_back(now.steady, credential.id());
  forget_oldest(now.steady);
}

void Departed::recall(Credential& credential, Moment now) {
  forget_oldest(now.steady);
  const auto found = known_.find(credential.id());
  if (found == known_.end()) return;
  credential.take_over(*found->second.memory, now);
  known_.erase(found);
}

void Departed::forget_oldest(Ticks now) {
  while (!order_.empty() && (order_.size() > kMost || now - order_.front().first > kKept)) {
    const auto& [since, id] = order_.front();
    const auto found = known_.find(id);
    // It may have come back and left again since.
    if (found != known_.end() && found->second.since == since) known_.erase(found);
    order_.pop_front();
  }
}

}  // namespace wasat::pool
