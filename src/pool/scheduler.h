// Scheduler: which credential serves the next attempt.
//
// One interface for all policies. A policy sees the candidates of one tier, takes
// a few of them and chooses; what it costs does not grow with the pool. Shared by
// all workers and called by all at once.

#pragma once

#include <algorithm>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "base/cancel.h"
#include "base/random.h"
#include "pool/options.h"
#include "pool/roster.h"

namespace wasat::pool {

// What an attempt needs.
struct Demand {
  std::span<const std::string_view> providers;  // those that can serve it: "api_key"
  std::string_view model;                       // empty: none in particular
  // Credentials that this exchange has tried already; others come first.
  std::span<const Credential* const> tried;
  // To be used if it can, tried or not, by its id; empty: none.
  std::string_view preferred{};
  // The one credential that can serve, by its id; empty: any.
  std::string_view only{};
  // The one to take if it can serve and was not tried, by its id; empty: no matter.
  std::string_view home{};
  // What the call begins with (hashed): calls that begin alike go to the same
  // credential, whose upstream has read it before. 0: it begins like no other.
  std::uint64_t affinity = 0;
  // Until when it may wait for a credential that is busy or rests; none: not at all.
  Clock::Steady deadline{};
  Cancel* cancel = nullptr;  // ends the wait
};

inline bool was_tried(const Demand& demand, const Credential& credential) {
  return !demand.tried.empty() &&
         std::ranges::find(demand.tried, &credential) != demand.tried.end();
}
bool is_demanded(const Demand& demand, std::string_view provider);

// A tier's available credentials, as one demand sees them.
class Candidates {
 public:
  // How many are taken of many: the best of eight is hardly ever worse than the best
  // tenth of all, and each one costs a look at memory.
  static constexpr std::size_t kSample = BetaDraws::kAtOnce;
  using Few = std::array<Credential*, kSample>;
  static constexpr std::size_t kMostSkipped = 64;

  struct Slice {
    const Lane* lane;
    const AvailableSet* set;
    std::uint32_t size;
  };
  // What one worker keeps from choice to choice.
  struct Room {
    explicit Room(Random& random) {
      for (std::uint64_t& bits : sample) bits = random.next();
    }
    std::vector<Slice> slices;
    // The random numbers of the next sample: known so early that those whom they point
    // at can be fetched from memory before anybody waits for them.
    std::array<std::uint64_t, kSample / 2> sample;
  };
  Candidates(const Tier& tier, const Demand& demand, const ModelName& model, Ticks now, Room& room);

  // With a bound, nobody that got more than `recent` leases lately; a tried one only when asked.
  bool tried_too = false;
  static constexpr float kNoBound = 1e30F;
  float most_recent = kNoBound;

  std::uint32_t count() const { return count_; }
  Ticks now() const { return now_; }
  // Rests for the model are not kept apart: each candidate must be asked itself.
  bool exact() const { return exact_; }
  bool acceptable(const Credential& credential) const {
    return credential.available(now_) && (takes_any() || is_wanted(credential));
  }
  // Those of a few acceptable candidates that were drawn by weight, or of all when there
  // are few of one weight. At most `kSample`; empty only if none could be found.
  std::span<Credential*> gather(Random& random, Few& into) const;
  // The choice is made: fetches the next sample from memory.
  void fetch_ahead() const;
  // Any one, by weight; null: there is none any more.
  Credential* draw(Random& random) const {
    return draw(static_cast<std::uint32_t>(random.next() >> 32));
  }
  // The one at `index` < count() of all, in no particular order; null: it is gone.
  Credential* at(std::uint32_t index) const;
  // The first acceptable one in the pool's order.
  Credential* first() const;

 private:
  // Whoever is available will do.
  bool takes_any() const {
    return exact_ && most_recent >= kNoBound && (tried_too || demand_.tried.empty());
  }
  bool is_wanted(const Credential& credential) const {
    return (tried_too || !was_tried(demand_, credential)) &&
           (most_recent >= kNoBound || credential.recent_leases(now_) <= most_recent) &&
           (exact_ || credential.model_rests_until(model_.name) <= now_);
  }
  bool few() const { return count_ <= kSample && one_weight_; }
  // By 32 bits of randomness.
  Credential* draw(std::uint32_t random) const;
  void scan(Random& random, Few& into, std::size_t& found) const;

  const Demand& demand_;
  const ModelName& model_;
  const Ticks now_;
  std::vector<Slice>& slices_;
  std::array<std::uint64_t, kSample / 2>& sample_;
  std::uint32_t count_ = 0;
  std::uint64_t weight_ = 0;
  bool one_weight_ = true;
  bool exact_ = true;
};

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // The credential to use, or null when no candidate is acceptable. `random` is the worker's.
  virtual Credential* choose(const Candidates& candidates, Random& random) = 0;
};

std::unique_ptr<Scheduler> make_scheduler(Policy policy);

}  // namespace wasat::pool
