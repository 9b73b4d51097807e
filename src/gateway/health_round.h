// Rounds of health checks: by the clock, and when a scheduler outside asks for one
// (GET /api/cron/health-check).
//
// One for the process, shared by all workers; the clock's rounds run on one of them, from
// run() until its cancel is requested. One round at a time.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

#include "gateway/health.h"

namespace wasat::gateway {

class HealthRound {
 public:
  static constexpr std::size_t kAtOnce = 8;
  static constexpr std::size_t kMost = 1000;  // credentials of one round

  struct Report {
    std::size_t checked = 0;
    std::size_t recovered = 0;
    bool busy = false;  // another round is under way; nothing was done
  };

  // Checks the credentials in trouble.
  WASAT_OWN_FRAME Task<Report> check(const Shared& shared, Worker& worker, Cancel& cancel);

  // A round every Options::health_interval, give or take a tenth, so that many gateways do
  // not ask together. Follows changes of the options. Ends when `cancel` is requested.
  WASAT_OWN_FRAME Task<> run(const Shared& shared, Worker& worker, Cancel& cancel);

  // Behind GET /api/cron/health-check.
  WASAT_OWN_FRAME Task<> serve(const Shared& shared, Worker& worker, http::ServerRequest& request,
                               http::ServerResponse& response);

 private:
  std::atomic<bool> busy_{false};
};

}  // namespace wasat::gateway
