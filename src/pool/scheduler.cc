#include "pool/scheduler.h"

#include <algorithm>

namespace wasat::pool {

bool was_tried(const Demand& demand, const Credential& credential) {
  return std::ranges::find(demand.tried, &credential) != demand.tried.end();
}

bool eligible(const Demand& demand, const Credential& credential, WallTime now) {
  return credential.state() == CredentialState::kReady &&
         credential.provider() == demand.provider && credential.available_at(demand.model) <= now;
}

const CredentialPtr* RoundRobin::choose(std::span<const CredentialPtr> credentials,
                                        const Demand& demand, WallTime now) {
  if (demand.preferred != nullptr) {
    const auto found = std::ranges::find(credentials, demand.preferred, &CredentialPtr::get);
    if (found != credentials.end() && eligible(demand, **found, now)) return &*found;
  }
  const CredentialPtr* again = nullptr;
  const std::size_t count = credentials.size();
  const std::size_t start = turn_.fetch_add(1, std::memory_order_relaxed);
  for (std::size_t i = 0; i < count; ++i) {
    const CredentialPtr& credential = credentials[(start + i) % count];
    if (!eligible(demand, *credential, now)) continue;
    if (!was_tried(demand, *credential)) return &credential;
    if (again == nullptr) again = &credential;
  }
  return again;
}

}  // namespace wasat::pool
