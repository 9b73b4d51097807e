// PoolOptions: how the operator wants the pool to choose. Changed while it runs.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

namespace wasat::pool {

enum class Policy : std::uint8_t { kThompson, kRoundRobin, kLeastBusy, kWeighted, kFillFirst };

struct PoolOptions {
  Policy policy = Policy::kThompson;
  // Of providers whose credentials want another one.
  std::map<std::string, Policy, std::less<>> policies;
  // In the order in which they serve: the tiers of credentials that have none of their own.
  std::vector<std::string> providers{"api_key"};
  // The simple policy: after `max_failures` failures in a row a credential rests for
  // `cooling_period`. When either is unset, what the upstream says decides.
  std::optional<std::uint32_t> max_failures;
  std::optional<std::chrono::seconds> cooling_period;
  // Leases that may wait at a time for a credential that is busy or rests, and how long.
  std::size_t queue_size = 1024;
  std::chrono::milliseconds max_wait{0};
};

}  // namespace wasat::pool
