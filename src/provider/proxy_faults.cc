#include "provider/proxy_faults.h"

#include <algorithm>

namespace wasat::provider {

bool ProxyFaults::rests(const net::Proxy& proxy, std::string* why) const {
  if (none()) return false;
  const std::lock_guard lock(mutex_);
  const auto found = faults_.find(proxy.name());
  if (found == faults_.end() || found->second.rests_until <= clock_.now()) return false;
  if (why != nullptr) *why = found->second.error;
  return true;
}

void ProxyFaults::failed(const net::Proxy& proxy, const Error& error) {
  const std::lock_guard lock(mutex_);
  Fault& fault = faults_[proxy.name()];
  const Clock::Steady now = clock_.now();
  fault.error = error.detail;
  // Requests that were under way together are one failure.
  if (fault.rests_until <= now) {
    fault.rests_until =
        now + std::min(kLongestRest, kFirstRest * (1 << std::min(fault.in_a_row, 8)));
    ++fault.in_a_row;
  }
  count_.store(faults_.size(), std::memory_order_release);
}

void ProxyFaults::worked(const net::Proxy& proxy) {
  if (none()) return;
  const std::lock_guard lock(mutex_);
  faults_.erase(proxy.name());
  count_.store(faults_.size(), std::memory_order_release);
}

void ProxyFaults::forget() {
  const std::lock_guard lock(mutex_);
  faults_.clear();
  count_.store(0, std::memory_order_release);
}

std::vector<ProxyFaults::Trouble> ProxyFaults::troubles() const {
  const std::lock_guard lock(mutex_);
  std::vector<Trouble> all;
  for (const auto& [name, fault] : faults_) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(fault.rests_until - clock_.now());
    all.push_back({name, fault.error, std::max(left, std::chrono::seconds(0))});
  }
  return all;
}

}  // namespace wasat::provider
