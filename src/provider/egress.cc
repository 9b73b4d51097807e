#include "provider/egress.h"

#include <algorithm>

#include "base/mix.h"

namespace wasat::provider {
namespace {

// FNV-1a: the same on every machine and at every start, which std::hash need not be.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) {
    hash ^= static_cast<unsigned char>(c);
    hash *= 0x100000001b3;
  }
  return hash;
}

}  // namespace

Egress::Egress(const http::Upstream& usual, const std::vector<net::Proxy>& list, const Clock& clock)
    : clock_(clock), usual_(usual) {
  usual_.watch = this;
  ways_.reserve(list.size());
  for (const net::Proxy& proxy : list) {
    Way way{.upstream = usual_, .hash = hash_of(proxy.name() + " " + proxy.user)};
    way.upstream.proxy = proxy;
    ways_.push_back(std::move(way));
  }
}

Result<const http::Upstream*> Egress::choose(const pool::Credential& credential,
                                             std::optional<http::Upstream>& own) {
  const auto& proxy = credential.proxy();
  if (proxy == nullptr) return ways_.empty() ? &usual_ : &best(credential);
  if (std::string why; rests(*proxy, &why)) {
    Error error = internal_error(
        "the proxy of this credential is left alone for a moment after it failed: " + why,
        ErrorKind::kUpstreamFailed);
    error.retry = Retry::kNextCredential;
    return fail(std::move(error));
  }
  own.emplace(usual_);
  own->proxy = *proxy;
  return &*own;
}

const http::Upstream& Egress::best(const pool::Credential& credential) const {
  const std::uint64_t id = hash_of(credential.id());
  const bool all_well = fault_count_.load(std::memory_order_acquire) == 0;
  const Way* best = nullptr;
  const Way* best_of_all = nullptr;
  std::uint64_t score = 0;
  std::uint64_t score_of_all = 0;
  for (const Way& way : ways_) {
    const std::uint64_t its = mixed(id ^ way.hash);
    if (best_of_all == nullptr || its > score_of_all) {
      best_of_all = &way;
      score_of_all = its;
    }
    if (!all_well && (best == nullptr || its > score) && !rests(*way.upstream.proxy)) {
      best = &way;
      score = its;
    }
  }
  // When all rest, waiting for one would help nobody.
  return best != nullptr ? best->upstream : best_of_all->upstream;
}

bool Egress::rests(const net::Proxy& proxy, std::string* why) const {
  if (fault_count_.load(std::memory_order_acquire) == 0) return false;
  const std::lock_guard lock(mutex_);
  const auto found = faults_.find(proxy.name());
  if (found == faults_.end() || found->second.rests_until <= clock_.now()) return false;
  if (why != nullptr) *why = found->second.error;
  return true;
}

void Egress::failed(const net::Proxy& proxy, const Error& error) {
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
  fault_count_.store(faults_.size(), std::memory_order_release);
}

void Egress::worked(const net::Proxy& proxy) {
  if (fault_count_.load(std::memory_order_acquire) == 0) return;
  const std::lock_guard lock(mutex_);
  faults_.erase(proxy.name());
  fault_count_.store(faults_.size(), std::memory_order_release);
}

std::vector<Egress::Trouble> Egress::troubles() const {
  const std::lock_guard lock(mutex_);
  std::vector<Trouble> all;
  for (const auto& [name, fault] : faults_) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(fault.rests_until - clock_.now());
    all.push_back({name, fault.error, std::max(left, std::chrono::seconds(0))});
  }
  return all;
}

}  // namespace wasat::provider
