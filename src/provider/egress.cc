#include "provider/egress.h"

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

Egress::Egress(http::Upstream usual, const std::vector<net::Proxy>& list)
    : usual_(std::move(usual)) {
  ways_.reserve(list.size());
  for (const net::Proxy& proxy : list) {
    Way way{.upstream = usual_, .hash = hash_of(proxy.name() + " " + proxy.user)};
    way.upstream.proxy = proxy;
    ways_.push_back(std::move(way));
  }
}

Result<const http::Upstream*> Egress::choose(const pool::Credential& credential,
                                             const ProxyFaults& faults,
                                             std::optional<http::Upstream>& own) const {
  const auto& proxy = credential.proxy();
  if (proxy == nullptr) return ways_.empty() ? &usual_ : &best(credential, faults);
  if (std::string why; faults.rests(*proxy, &why)) {
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

const http::Upstream& Egress::best(const pool::Credential& credential,
                                   const ProxyFaults& faults) const {
  const std::uint64_t id = hash_of(credential.id());
  const bool all_well = faults.none();
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
    if (!all_well && (best == nullptr || its > score) && !faults.rests(*way.upstream.proxy)) {
      best = &way;
      score = its;
    }
  }
  // When all rest, waiting for one would help nobody.
  return best != nullptr ? best->upstream : best_of_all->upstream;
}

}  // namespace wasat::provider
