#include "bench/pool/world.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "base/body.h"
#include "simulator/fault.h"
#include "simulator/google_error.h"

namespace bench {
namespace {

using wasat::Buffer;
using wasat::ErrorKind;
using wasat::Retry;
using wasat::gemini::Failure;
using wasat::simulator::Fault;

constexpr double kDaySeconds = 86'400;
constexpr double kStep = 10;  // seconds between changes of rates
constexpr std::size_t kWays = 10;
constexpr double kRequestsPerSecond = 4;
// Midnight Pacific, when quotas per day begin anew, in seconds of a UTC day in winter.
constexpr double kPacificMidnight = 8 * 3600;
constexpr std::string_view kModel = "gemini-2.5-flash";

double exponential(Random& random, double mean) { return -mean * std::log(1 - random.unit()); }
double between(Random& random, double low, double high) {
  return low + (high - low) * random.unit();
}
double normal(Random& random) {
  return std::sqrt(-2 * std::log(1 - random.unit())) *
         std::cos(2 * std::numbers::pi * random.unit());
}
Duration seconds(double count) { return Duration(static_cast<std::int64_t>(count * 1000)); }

}  // namespace

World::World(std::uint64_t seed, std::size_t credentials, WallTime begin)
    : begin_(begin), now_(begin), way_failure_rates_(kWays) {
  Random random(seed);
  for (std::size_t i = 0; i < credentials; ++i) make_account(random);
  // A way out (a proxy, a network) that breaks down takes its credentials with it.
  for (int i = 0; i < 8; ++i) {
    const double at = random.unit() * kDaySeconds;
    breakdowns_.push_back({at, at + between(random, 600, 2400), between(random, 0.6, 1),
                           static_cast<std::size_t>(random.below(kWays))});
  }
  for (int i = 0; i < 6; ++i) {
    const double at = random.unit() * kDaySeconds;
    overloads_.push_back({at, at + between(random, 180, 600), between(random, 0.1, 0.5), 0});
  }
  for (int i = 0; i < 24; ++i) {
    const double at = random.unit() * kDaySeconds;
    bursts_.push_back({at, at + between(random, 60, 240), between(random, 4, 16), 0});
  }
  advance(begin);
}

void World::make_account(Random& random) {
  Account account{
      .spells = {},
      .suspended_at = random.unit() < 0.03 ? random.unit() * kDaySeconds : 2 * kDaySeconds,
      .base_latency = 0.6 * std::exp(0.3 * normal(random)),
      .way = accounts_.size() % kWays,
      .per_minute = 15,
      .per_day = 1500};
  if (random.unit() < 0.4) {
    account.per_minute = 150;
    account.per_day = 10'000;
  }
  account.random = Random(random.next());
  double at = 0;
  while (at < kDaySeconds) {
    const double kind = random.unit();
    const bool sound = kind < 0.70;
    const bool weak = !sound && kind < 0.92;
    at += exponential(random, sound ? 10'800 : weak ? 3'600 : 1'200);
    account.spells.push_back({.until = at,
                              .failure_rate = sound  ? 0.002 * std::exp(normal(random))
                                              : weak ? between(random, 0.05, 0.5)
                                                     : 1,
                              .slowness = random.unit() < 0.1 ? 4.0 : 1.0});
  }
  accounts_.push_back(std::move(account));
}

double World::strength_of(const std::vector<Episode>& episodes, double at,
                          std::optional<std::size_t> way) {
  double strength = 0;
  for (const Episode& each : episodes) {
    const bool here = !way || each.way == *way;
    if (here && each.begin <= at && at < each.end) strength = std::max(strength, each.strength);
  }
  return strength;
}

void World::advance(WallTime now) {
  now_ = now;
  second_ = std::chrono::duration<double>(now - begin_).count();
  if (const auto minute = static_cast<std::int64_t>(second_ / 60); minute != minute_) {
    minute_ = minute;
    for (Account& account : accounts_) account.this_minute = 0;
  }
  if (!reset_today_ && second_ >= kPacificMidnight) {
    reset_today_ = true;
    for (Account& account : accounts_) account.today = 0;
  }
  bool changed = false;
  for (; static_cast<double>(steps_) < std::floor(second_ / kStep); ++steps_) {
    changed = true;
    for (Account& account : accounts_) {
      account.drift = std::clamp(account.drift * std::exp(0.05 * normal(account.random)), 0.3, 3.0);
    }
  }
  if (changed) step(static_cast<double>(steps_) * kStep);
}

// At the same times for every policy, whenever its events happen to come.
void World::step(double second) {
  for (std::size_t way = 0; way < kWays; ++way) {
    way_failure_rates_[way] = strength_of(breakdowns_, second, way);
  }
  overload_ = strength_of(overloads_, second, std::nullopt);
  // Little at night, and bursts at any time.
  const double time_of_day = std::sin(2 * std::numbers::pi * (second / kDaySeconds - 0.3));
  demand_ = kRequestsPerSecond * (1 + 0.6 * time_of_day) *
            std::max(1.0, strength_of(bursts_, second, std::nullopt));
  for (Account& account : accounts_) {
    while (account.spell + 1 < account.spells.size() &&
           account.spells[account.spell].until <= second) {
      ++account.spell;
    }
    account.failure_rate =
        std::min(account.spells[account.spell].failure_rate * account.drift, 1.0);
  }
  best_first_.resize(accounts_.size());
  std::iota(best_first_.begin(), best_first_.end(), std::size_t{0});
  const auto rate = [this, second](std::size_t i) {
    const Account& account = accounts_[i];
    if (account.suspended_at <= second) return std::pair(0.0, ~i);
    return std::pair((1 - account.failure_rate) * (1 - way_failure_rates_[account.way]), ~i);
  };
  std::ranges::sort(best_first_, std::ranges::greater(), rate);
}

bool World::within_quota(const Account& account) const {
  return account.this_minute < account.per_minute && account.today < account.per_day;
}

double World::success_rate(std::size_t credential) const {
  const Account& account = accounts_[credential];
  if (account.suspended_at <= second_ || !within_quota(account)) return 0;
  return (1 - account.failure_rate) * (1 - way_failure_rates_[account.way]) * (1 - overload_);
}

double World::best_success_rate() const {
  const auto best = std::ranges::find_if(
      best_first_, [this](std::size_t i) { return within_quota(accounts_[i]); });
  return best == best_first_.end() ? 0 : success_rate(*best);
}

Failure World::refused(const wasat::gemini::Refusal& refusal) const {
  return wasat::gemini::classify(refusal);
}

Failure World::out_of_quota(const Account& account) const {
  const bool day = account.today >= account.per_day;
  const std::int64_t wait = day ? 36 : 60 - static_cast<std::int64_t>(second_) % 60;
  const wasat::simulator::GoogleError error = wasat::simulator::google_error(
      429, "RESOURCE_EXHAUSTED", "You exceeded your current quota.",
      wasat::simulator::quota_failure(wasat::simulator::quota_violation(
          "generativelanguage.googleapis.com/generate_content_free_tier_requests",
          day ? "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
              : "GenerateRequestsPerMinutePerProjectPerModel-FreeTier",
          kModel, std::to_string(day ? account.per_day : account.per_minute))) +
          "," + wasat::simulator::retry_info(std::to_string(wait) + "s"));
  const auto body = Buffer::copy_of(error.body);
  return wasat::gemini::classify(
      {.status = 429, .body = body->padded(), .retry_after = {}, .now = now_});
}

// What a credential fails with when it is neither suspended nor out of quota.
Failure World::chance_failure(double kind, Duration& took) const {
  Fault fault = Fault::kInternal;
  if (kind < 0.55) {
    took = seconds(0.8);
  } else if (kind < 0.80) {
    fault = Fault::kOverloaded;
    took = seconds(0.3);
  } else {
    // The connection broke, or nothing came in time.
    const bool broke = kind < 0.95;
    took = seconds(broke ? 0.2 : 10);
    return {.error = wasat::upstream_error(broke ? ErrorKind::kUpstreamFailed : ErrorKind::kTimeout,
                                           Retry::kNextCredential, "no answer")};
  }
  const wasat::simulator::GoogleError error = wasat::simulator::refusal_of(fault, kModel, "v1beta");
  const auto body = Buffer::copy_of(error.body);
  return refused({.status = error.code, .body = body->padded(), .retry_after = {}, .now = now_});
}

Attempt World::attempt(std::size_t credential, std::uint64_t chance) {
  Account& account = accounts_[credential];
  Random random(chance);
  Attempt attempt;
  const bool overloaded = random.unit() < overload_;
  const bool way_broken = random.unit() < way_failure_rates_[account.way];
  const bool fails = random.unit() < account.failure_rate;
  const double kind = random.unit();
  attempt.first_token = seconds(account.base_latency * account.spells[account.spell].slowness *
                                std::exp(0.4 * normal(random)));
  attempt.all = attempt.first_token + seconds(exponential(random, 4));
  if (way_broken) {
    attempt.cause = Cause::kWay;
    attempt.failure =
        Failure{.error = wasat::upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                                               "unreachable")};
    attempt.first_token = seconds(kind < 0.9 ? 0.1 : 10);
  } else if (account.suspended_at <= second_) {
    attempt.cause = Cause::kSuspended;
    const wasat::simulator::GoogleError error =
        wasat::simulator::refusal_of(Fault::kKeySuspended, kModel, "v1beta");
    const auto body = Buffer::copy_of(error.body);
    attempt.failure =
        refused({.status = error.code, .body = body->padded(), .retry_after = {}, .now = now_});
    attempt.first_token = seconds(0.1);
  } else if (!within_quota(account)) {
    attempt.cause = Cause::kQuota;
    attempt.failure = out_of_quota(account);
    attempt.first_token = seconds(0.1);
  } else {
    ++account.this_minute;
    ++account.today;
    if (overloaded) {
      attempt.cause = Cause::kOverload;
      attempt.failure = chance_failure(0.6, attempt.first_token);
    } else if (fails) {
      attempt.cause = Cause::kCredential;
      attempt.failure = chance_failure(kind, attempt.first_token);
    }
  }
  if (attempt.failure) attempt.all = attempt.first_token;
  return attempt;
}

}  // namespace bench
