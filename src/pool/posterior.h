// Posterior: what is believed of a credential's chance to answer well.
//
// A Beta distribution: successes and failures, both from the prior 0.1, which is
// also their floor. They fade in two ways, each when the posterior is next
// touched, so that no pass over the pool is ever needed:
//
// - by 0.995 with each outcome of the credential itself. Where a pool of a few
//   accounts fades all of them with every choice, this is the same memory of 200
//   outcomes; but the memory of one among 100,000 does not depend on what the
//   others do meanwhile.
// - by half every five minutes. What changes upstream changes with time, and a
//   credential that is not chosen must be worth a new try some day.
//
// One word, changed by any worker without a lock.

#pragma once

#include <algorithm>
#include <array>
#include <atomic>
#include <cstdint>
#include <span>

#include "base/random.h"
#include "pool/moment.h"

namespace wasat::pool {

struct Belief {
  static constexpr float kPrior = 0.1F;
  float successes = kPrior;
  float failures = kPrior;

  float mean() const { return successes / (successes + failures); }
};

class Posterior {
 public:
  static constexpr float kFadePerOutcome = 0.995F;
  static constexpr std::int64_t kHalfLifeSeconds = 300;

  Belief at(Ticks now) const { return unpack(word_.load(std::memory_order_relaxed), now); }
  // An outcome between 1, as good as can be, and 0, a failure; `weight` of one outcome.
  void observe(float reward, float weight, Ticks now);
  // `seconds` later, without any outcome.
  static Belief faded(Belief belief, std::int64_t seconds) {
    const float left = seconds < 0        ? 1
                       : seconds < kFaded ? kFading[static_cast<std::size_t>(seconds)]
                                          : 0;
    return {std::max(Belief::kPrior, belief.successes * left),
            std::max(Belief::kPrior, belief.failures * left)};
  }
  void restore(Belief belief, Ticks now) {
    word_.store(pack(belief, now), std::memory_order_relaxed);
  }

 private:
  // 20 bits each for successes and failures, in 1/4096; 24 bits for seconds.
  static constexpr float kScale = 4096;
  static constexpr std::uint64_t kMost = (1U << 20) - 1;
  static constexpr std::uint32_t kSecondsMask = (1U << 24) - 1;
  static constexpr std::uint32_t kFaded = 4096;  // seconds; beyond, nothing is left
  static const std::array<float, kFaded> kFading;

  static std::uint32_t seconds(Ticks now) {
    return static_cast<std::uint32_t>(static_cast<std::uint64_t>(now) / 1'000'000'000) &
           kSecondsMask;
  }
  static std::uint64_t pack(Belief belief, Ticks now) {
    const auto fixed = [](float value) {
      return std::min(kMost, static_cast<std::uint64_t>(value * kScale + 0.5F));
    };
    return fixed(belief.successes) << 44 | fixed(belief.failures) << 24 | seconds(now);
  }
  static Belief unpack(std::uint64_t word, Ticks now) {
    const std::uint32_t since =
        (seconds(now) - static_cast<std::uint32_t>(word & kSecondsMask)) & kSecondsMask;
    // Nearly a whole turn: another worker's clock is a little ahead of this one.
    const float fade = since < kFaded                  ? kFading[since]
                       : since > kSecondsMask - kFaded ? 1.0F
                                                       : 0.0F;
    return {std::max(Belief::kPrior, static_cast<float>(word >> 44) / kScale * fade),
            std::max(Belief::kPrior, static_cast<float>(word >> 24 & kMost) / kScale * fade)};
  }

  std::atomic<std::uint64_t> word_{(410ULL << 44) | (410ULL << 24)};
};

// Draws from Beta distributions, as log-odds: for comparing draws with one another
// the logarithm of x / (1 - x) is as good as x, and stays exact near 1, where
// all good credentials are.
//
// A Beta is a ratio of two Gammas. Gamma(a) is drawn as Gamma(a + 1) * U^(1/a);
// Gamma(a + 1) by Wilson and Hilferty's cube of a normal. Normals and logarithms of
// U come from tables of quantiles, and eight draws are made at once, in vectors.
class BetaDraws {
 public:
  static constexpr std::size_t kAtOnce = 8;

  BetaDraws();
  // At most kAtOnce beliefs; one draw for each.
  void log_odds(std::span<const Belief> beliefs, Random& random,
                std::span<float, kAtOnce> odds) const;

 private:
  static constexpr std::size_t kQuantiles = 256;

  std::array<float, kQuantiles> normal_;
  std::array<float, kQuantiles> log2_uniform_;
};

}  // namespace wasat::pool
