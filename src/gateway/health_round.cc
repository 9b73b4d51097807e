#include "gateway/health_round.h"

#include <algorithm>

#include "gateway/admit.h"
#include "gemini/error_body.h"
#include "json/writer.h"

namespace wasat::gateway {
namespace {

// How soon a change of the options is seen.
constexpr std::chrono::seconds kLook{2};

struct Busy {
  explicit Busy(std::atomic<bool>& its_flag) : flag(its_flag), mine(!its_flag.exchange(true)) {}
  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;
  ~Busy() {
    if (mine) flag = false;
  }
  std::atomic<bool>& flag;
  const bool mine;
};

}  // namespace

Task<HealthRound::Report> HealthRound::check(const Shared& shared, Worker& worker, Cancel& cancel) {
  Report report;
  const Busy busy(busy_);
  if (!busy.mine) {
    report.busy = true;
    co_return report;
  }
  const std::vector<pool::CredentialPtr> credentials =
      credentials_in_trouble(shared, worker.random, kMost);
  // Those that were chosen are to come back when they answer.
  const Probe probe{.model = worker.options.get()->health_model, .enable = true};
  const HealthTold told = [&report](const Health& health) {
    ++report.checked;
    if (health.recovered) ++report.recovered;
  };
  co_await check_many(shared, worker, credentials, probe, kAtOnce, told, cancel);
  co_return report;
}

Task<> HealthRound::run(const Shared& shared, Worker& worker, Cancel& cancel) {
  Clock::Steady last = shared.clock.now();
  double jitter = 0.9 + 0.2 * worker.random.unit();
  while (!cancel.requested()) {
    if (!co_await net::sleep_for(worker.loop, kLook, &cancel)) co_return;
    const std::chrono::milliseconds interval = worker.options.get()->health_interval;
    if (interval.count() == 0) continue;
    const auto due = std::chrono::duration_cast<std::chrono::milliseconds>(interval * jitter);
    if (shared.clock.now() - last < due) continue;
    last = shared.clock.now();
    jitter = 0.9 + 0.2 * worker.random.unit();
    co_await check(shared, worker, cancel);
  }
}

// As gemini-balance's scheduled checks are asked for and answered.
Task<> HealthRound::serve(const Shared& shared, Worker& worker, http::ServerRequest& request,
                          http::ServerResponse& response) {
  const http::Header type{"Content-Type", "application/json"};
  if (request.method != "GET" && request.method != "POST") {
    const std::string body = gemini::error_body(
        client_error(ErrorKind::kMethodNotAllowed, "ask for a health check by GET"));
    const std::array<http::Header, 2> fields = {type, http::Header{"Allow", "GET, POST, OPTIONS"}};
    (void)co_await response.send(405, fields, body);
    co_return;
  }
  const std::shared_ptr<const Options> options = worker.options.get();
  const std::string presented = presented_token(request);
  if (options->cron_secret.empty() || presented.empty() ||
      !options->cron_secret.equals(presented)) {
    const std::string body = gemini::error_body(
        client_error(ErrorKind::kUnauthenticated,
                     options->cron_secret.empty()
                         ? "health checks cannot be asked for: set CRON_SECRET (health.cron_secret)"
                         : "health checks are asked for with 'Authorization: Bearer CRON_SECRET'"));
    (void)co_await response.send(401, {&type, 1}, body);
    co_return;
  }
  const Report report = co_await check(shared, worker, request.departed());
  if (request.departed().requested()) {
    response.abort();
    co_return;
  }
  std::string body;
  json::Writer writer(body);
  writer.begin_object()
      .member("status", "ok")
      .member("message",
              report.busy ? "A key health check is under way." : "Key health check completed.")
      .member("checked", static_cast<std::int64_t>(report.checked))
      .member("recovered", static_cast<std::int64_t>(report.recovered))
      .end_object();
  (void)co_await response.send(200, {&type, 1}, body);
}

}  // namespace wasat::gateway
