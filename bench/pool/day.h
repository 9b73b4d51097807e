// One simulated day: requests come, lease credentials of the real pool, meet the
// world, and settle.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "bench/pool/world.h"

namespace bench {

struct DayOptions {
  std::uint64_t seed = 1;
  std::size_t credentials = 200;
  std::size_t max_attempts = 3;
  double hours = 24;
};

struct DayResult {
  std::uint64_t requests = 0;
  std::uint64_t failures = 0;  // that clients saw
  std::uint64_t refused = 0;   // of these: there was nobody to ask (any more)
  std::uint64_t attempts = 0;
  std::uint64_t wasted = 0;  // attempts that answered nobody
  std::array<std::uint64_t, static_cast<std::size_t>(Cause::kCount)> wasted_by{};
  double regret = 0;  // sum of what the best credential would have succeeded with more often
  double first_token_p50 = 0;  // seconds, of requests that were answered
  double first_token_p95 = 0;
  double busiest_share = 0;  // of the attempts, by the credential that made most, in fair shares
  struct Hour {
    std::uint64_t requests = 0, failures = 0, wasted = 0;
    double regret = 0;  // until its end
  };
  std::array<Hour, 24> hours{};
};

DayResult run_day(std::string_view policy, const DayOptions& options);

}  // namespace bench
