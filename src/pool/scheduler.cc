#include "pool/scheduler.h"

#include <algorithm>
#include <atomic>

namespace wasat::pool {
namespace {

using Few = Candidates::Few;

// Thompson sampling: each candidate draws a chance of success from what is believed of
// it, and the best draw serves. So the best known ones do the work, and one of which
// little is known, or nothing lately, is tried as often as it may be better.
class Thompson final : public Scheduler {
 public:
  Credential* choose(const Candidates& candidates, Random& random) override {
    Few few;
    const std::span<Credential*> found = candidates.gather(random, few);
    candidates.fetch_ahead();
    if (found.size() < 2) return found.empty() ? nullptr : found.front();
    std::array<Belief, BetaDraws::kAtOnce> beliefs;
    for (std::size_t i = 0; i < found.size(); ++i) beliefs[i] = found[i]->belief(candidates.now());
    std::array<float, BetaDraws::kAtOnce> odds{};
    draws_.log_odds(std::span(beliefs).first(found.size()), random, odds);
    const auto best = std::max_element(odds.begin(), odds.begin() + found.size());
    return found[static_cast<std::size_t>(best - odds.begin())];
  }

 private:
  const BetaDraws draws_;
};

// In turn, whatever the weights.
class RoundRobin final : public Scheduler {
 public:
  Credential* choose(const Candidates& candidates, Random&) override {
    const std::uint32_t count = candidates.count();
    const std::uint32_t start = turn_.fetch_add(1, std::memory_order_relaxed);
    for (std::uint32_t i = 0; i < count && i < Candidates::kMostSkipped; ++i) {
      Credential* each = candidates.at((start + i) % count);
      if (each != nullptr && candidates.acceptable(*each)) return each;
    }
    return nullptr;
  }

 private:
  std::atomic<std::uint32_t> turn_{0};
};

// The fewest leases for its weight; of those the one that has rested longest.
class LeastBusy final : public Scheduler {
 public:
  Credential* choose(const Candidates& candidates, Random& random) override {
    Credential* best = nullptr;
    const auto look_at = [&](Credential* each) {
      if (best == nullptr || is_less_busy(*each, *best, candidates.now())) best = each;
    };
    if (const std::uint32_t count = candidates.count(); count <= kAll) {
      for (std::uint32_t i = 0; i < count; ++i) {
        Credential* each = candidates.at(i);
        if (each != nullptr && candidates.acceptable(*each)) look_at(each);
      }
      if (best != nullptr) return best;
    }
    Few few;
    for (Credential* each : candidates.gather(random, few)) look_at(each);
    return best;
  }

 private:
  // So few are all looked at; of more some.
  static constexpr std::uint32_t kAll = 64;

  static bool is_less_busy(const Credential& one, const Credential& other, Ticks now) {
    const std::uint64_t its = std::uint64_t{one.leased()} * other.identity().weight;
    const std::uint64_t others = std::uint64_t{other.leased()} * one.identity().weight;
    if (its != others) return its < others;
    const std::uint32_t its_rest = one.idle_for(now);
    const std::uint32_t others_rest = other.idle_for(now);
    // Both were used a moment ago.
    if (its_rest == others_rest) return one.counters().attempts() < other.counters().attempts();
    return its_rest > others_rest;
  }
};

class Weighted final : public Scheduler {
 public:
  Credential* choose(const Candidates& candidates, Random& random) override {
    for (std::size_t i = 0; i < Candidates::kSample; ++i) {
      Credential* drawn = candidates.draw(random);
      if (drawn != nullptr && candidates.acceptable(*drawn)) return drawn;
    }
    Few few;
    const std::span<Credential*> found = candidates.gather(random, few);
    return found.empty() ? nullptr : found.front();
  }
};

// The first of the pool's order, until it can no more: for keys whose quota is paid by
// the day, or which are kept in reserve.
class FillFirst final : public Scheduler {
 public:
  Credential* choose(const Candidates& candidates, Random&) override { return candidates.first(); }
};

}  // namespace

std::unique_ptr<Scheduler> make_scheduler(Policy policy) {
  switch (policy) {
    case Policy::kThompson:
      return std::make_unique<Thompson>();
    case Policy::kRoundRobin:
      return std::make_unique<RoundRobin>();
    case Policy::kLeastBusy:
      return std::make_unique<LeastBusy>();
    case Policy::kWeighted:
      return std::make_unique<Weighted>();
    case Policy::kFillFirst:
      return std::make_unique<FillFirst>();
  }
  return std::make_unique<Thompson>();
}

}  // namespace wasat::pool
