// A day of two hundred credentials, as the upstream has it: what nobody who
// chooses among them can see.
//
// Each credential is sound, weak or down for a while, its rate of failures drifts
// within that, it has a quota per minute and per day, and a few are suspended.
// They share ways out, which break down together, and a model, which is overloaded
// now and then. All of it follows from the seed and is the same for every policy;
// what differs is whom a policy asks, and so whose quota is spent.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/random.h"
#include "gemini/errors.h"

namespace bench {

using wasat::Random;
using WallTime = wasat::gemini::SystemTime;
using Duration = std::chrono::milliseconds;

inline constexpr Duration kDay = std::chrono::hours(24);

// Why an attempt came to nothing.
enum class Cause : std::uint8_t { kNone, kOverload, kWay, kSuspended, kQuota, kCredential, kCount };

struct Attempt {
  Cause cause = Cause::kNone;
  // What came back, or nullopt: an answer.
  std::optional<wasat::gemini::Failure> failure;
  Duration first_token{};  // or until the failure showed
  Duration all{};          // until the answer's end
};

class World {
 public:
  // The day begins at `begin`.
  World(std::uint64_t seed, std::size_t credentials, WallTime begin);

  std::size_t size() const { return accounts_.size(); }
  // Time passes; never back.
  void advance(WallTime now);

  // `chance` decides what is left to chance: the same for the same request's attempt,
  // whichever policy makes it.
  Attempt attempt(std::size_t credential, std::uint64_t chance);
  // What an attempt would have succeeded with just now.
  double success_rate(std::size_t credential) const;
  // The credentials, from the one with the best rate to the worst, without regard to quotas.
  const std::vector<std::size_t>& best_first() const { return best_first_; }
  // The best rate that any has now, quotas included.
  double best_success_rate() const;

  // How many requests a second there are on average now.
  double demand() const { return demand_; }

 private:
  struct Spell {   // of a condition
    double until;  // seconds of the day
    double failure_rate;
    double slowness;
  };
  struct Account {
    std::vector<Spell> spells;
    std::size_t spell = 0;
    double drift = 1;  // a factor of the failure rate
    double suspended_at;
    double base_latency;  // seconds
    std::size_t way;
    std::uint32_t per_minute;
    std::uint32_t per_day;
    std::uint32_t this_minute = 0;
    std::uint32_t today = 0;
    double failure_rate = 0;  // by spell and drift
    Random random{0};
  };
  struct Episode {
    double begin, end, strength;
    std::size_t way;  // of breakdowns
  };

  void make_account(Random& random);
  static double strength_of(const std::vector<Episode>& episodes, double at,
                            std::optional<std::size_t> way);
  void step(double second);
  bool within_quota(const Account& account) const;
  wasat::gemini::Failure refused(const wasat::gemini::Refusal& refusal) const;
  wasat::gemini::Failure out_of_quota(const Account& account) const;
  wasat::gemini::Failure chance_failure(double kind, Duration& took) const;

  const WallTime begin_;
  WallTime now_;
  double second_ = 0;  // of the day
  std::int64_t steps_ = -1;
  std::int64_t minute_ = -1;
  bool reset_today_ = false;
  std::vector<Account> accounts_;
  std::vector<Episode> breakdowns_, overloads_, bursts_;
  double overload_ = 0;
  std::vector<double> way_failure_rates_;
  double demand_ = 0;
  std::vector<std::size_t> best_first_;
};

}  // namespace bench
