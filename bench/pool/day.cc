#include "bench/pool/day.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "base/clock.h"
#include "bench/pool/policies.h"
#include "bench/pool/world.h"
#include "pool/pool.h"
#include "pool/seat.h"

namespace bench {
namespace {

using wasat::Result;
using wasat::pool::Credential;
using wasat::pool::CredentialList;
using wasat::pool::Lease;
using wasat::pool::Outcome;

constexpr std::string_view kModel = "gemini-2.5-flash";
constexpr std::array<std::string_view, 1> kProviders = {"api_key"};
constexpr std::chrono::seconds kTick{1};  // of the pool
// 2027-01-15 00:00 UTC.
constexpr WallTime kBegin{std::chrono::seconds(1'799'971'200)};

// A client's request on its way.
struct Request {
  std::uint64_t number;
  WallTime came;
  std::vector<const Credential*> tried;
  std::optional<Lease> lease;
  Attempt attempt;
};

struct Event {
  WallTime at;
  std::uint64_t order;  // of those at the same time
  std::unique_ptr<Request> request;
  bool ended = false;  // the answer did; else the attempt showed how it goes
};
struct Later {
  bool operator()(const Event& a, const Event& b) const {
    return std::tie(a.at, a.order) > std::tie(b.at, b.order);
  }
};

class Day {
 public:
  Day(std::string_view policy, const DayOptions& options)
      : options_(options),
        clock_(kBegin),
        world_(options.seed, options.credentials, kBegin),
        oracle_(policy == kOracle),
        pool_(clock_, {.policy = find_policy(policy).value_or(wasat::pool::Policy::kThompson)},
              nullptr),
        seat_(pool_, nullptr, Random(options.seed + 7)),
        uses_(options.credentials),
        arrivals_(options.seed + 1'000'003) {
    for (std::size_t i = 0; i < options.credentials; ++i) {
      const std::string id = std::to_string(i);
      credentials_.push_back(std::make_shared<Credential>(
          wasat::pool::CredentialIdentity{.id = id,
                                          .provider = "api_key",
                                          .name = "key " + id,
                                          .secret = wasat::Secret("key-" + id),
                                          .tier = {}}));
    }
    pool_.replace(credentials_);
  }

  DayResult run() {
    const WallTime end = kBegin + std::chrono::duration_cast<Duration>(
                                      std::chrono::duration<double>(options_.hours * 3600));
    WallTime next_arrival = kBegin;
    while (next_arrival < end || !events_.empty()) {
      const bool arrives =
          next_arrival < end && (events_.empty() || next_arrival <= events_.front().at);
      go_to(arrives ? next_arrival : events_.front().at);
      if (arrives) {
        next_arrival += Duration(1 + static_cast<std::int64_t>(
                                         -1000 * std::log(1 - arrivals_.unit()) / world_.demand()));
        auto request = std::make_unique<Request>();
        request->number = ++result_.requests;
        request->came = clock_.wall();
        ++hour(*request).requests;
        try_next(std::move(request));
      } else {
        std::ranges::pop_heap(events_, Later());
        Event event = std::move(events_.back());
        events_.pop_back();
        take(std::move(event));
      }
    }
    close_books();
    return result_;
  }

 private:
  void go_to(WallTime at) {
    clock_.advance(at - clock_.wall());
    world_.advance(at);
    if (at < next_tick_) return;
    pool_.tick();
    next_tick_ = at + kTick;
  }

  DayResult::Hour& hour(const Request& request) {
    const auto index = std::chrono::floor<std::chrono::hours>(request.came - kBegin).count();
    return result_.hours[static_cast<std::size_t>(std::clamp<std::int64_t>(index, 0, 23))];
  }

  void put(Duration wait, std::unique_ptr<Request> request, bool ended) {
    events_.push_back({.at = clock_.wall() + wait,
                       .order = ++orders_,
                       .request = std::move(request),
                       .ended = ended});
    std::ranges::push_heap(events_, Later());
  }

  // Whom to ask who knows everything; empty: nobody can serve.
  std::string_view best_credential(const Request& request) {
    const wasat::pool::Ticks now = wasat::pool::ticks_of(clock_.now());
    for (const std::size_t i : world_.best_first()) {
      const Credential& credential = *credentials_[i];
      if (world_.success_rate(i) == 0 || !credential.available(now)) continue;
      if (std::ranges::find(request.tried, &credential) != request.tried.end()) continue;
      const wasat::pool::Ticks rests = credential.model_rests_until(kModel);
      if (rests != Credential::kBusy && rests <= now) return credential.id();
    }
    return {};
  }

  void try_next(std::unique_ptr<Request> request) {
    wasat::pool::Demand demand{.providers = kProviders, .model = kModel, .tried = request->tried};
    if (oracle_) demand.only = best_credential(*request);
    Result<Lease> leased = seat_.try_lease(demand);
    if (!leased) {
      ++result_.refused;
      return fail(*request);
    }
    const Credential& credential = leased->credential();
    const std::size_t index = std::stoul(credential.id());
    ++result_.attempts;
    ++uses_[index];
    const double regret = std::max(0.0, world_.best_success_rate() - world_.success_rate(index));
    result_.regret += regret;
    hour(*request).regret += regret;
    request->tried.push_back(&credential);
    request->lease.emplace(std::move(*leased));
    std::uint64_t chance =
        options_.seed * 0x9E3779B97F4A7C15 + request->number * 64 + request->tried.size();
    request->attempt = world_.attempt(index, chance);
    const Duration wait = request->attempt.first_token;
    put(wait, std::move(request), false);
  }

  void take(Event event) {
    Request& request = *event.request;
    if (event.ended) {
      request.lease->settle(Outcome::success());
      return;
    }
    if (!request.attempt.failure) {
      request.lease->note_first_chunk(clock_.now());
      first_tokens_.push_back(std::chrono::duration<float>(clock_.wall() - request.came).count());
      const Duration rest = request.attempt.all - request.attempt.first_token;
      return put(rest, std::move(event.request), true);
    }
    ++result_.wasted;
    ++result_.wasted_by[static_cast<std::size_t>(request.attempt.cause)];
    ++hour(request).wasted;
    request.lease->settle(Outcome::failed(*request.attempt.failure));
    request.lease.reset();
    if (request.tried.size() >= options_.max_attempts) return fail(request);
    try_next(std::move(event.request));
  }

  void fail(const Request& request) {
    ++result_.failures;
    ++hour(request).failures;
  }

  void close_books() {
    double sum = 0;
    for (DayResult::Hour& each : result_.hours) each.regret = sum += each.regret;
    std::ranges::sort(first_tokens_);
    const auto quantile = [this](double q) {
      if (first_tokens_.empty()) return 0.0;
      return double{first_tokens_[static_cast<std::size_t>(
          q * static_cast<double>(first_tokens_.size() - 1))]};
    };
    result_.first_token_p50 = quantile(0.5);
    result_.first_token_p95 = quantile(0.95);
    result_.busiest_share = static_cast<double>(std::ranges::max(uses_)) *
                            static_cast<double>(uses_.size()) /
                            static_cast<double>(std::max<std::uint64_t>(result_.attempts, 1));
  }

  const DayOptions options_;
  wasat::ManualClock clock_;
  World world_;
  const bool oracle_;
  wasat::pool::Pool pool_;
  wasat::pool::Seat seat_;
  CredentialList credentials_;
  WallTime next_tick_{};
  std::vector<std::uint64_t> uses_;  // of each credential
  Random arrivals_;
  std::uint64_t orders_ = 0;
  std::vector<Event> events_;  // a heap, the next one first
  std::vector<float> first_tokens_;
  DayResult result_;
};

}  // namespace

DayResult run_day(std::string_view policy, const DayOptions& options) {
  return std::make_unique<Day>(policy, options)->run();
}

}  // namespace bench
