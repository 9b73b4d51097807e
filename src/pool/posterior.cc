#include "pool/posterior.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace wasat::pool {
namespace {

constexpr float kScale = 4096;
constexpr std::uint64_t kMost = (1U << 20) - 1;
constexpr std::uint64_t kSecondsMask = (1U << 24) - 1;
constexpr std::int64_t kSecond = 1'000'000'000;
// Beyond so many seconds nothing is left.
constexpr std::size_t kFaded = 4096;

const std::array<float, kFaded> kFading = [] {
  std::array<float, kFaded> fading{};
  for (std::size_t i = 0; i < kFaded; ++i) {
    fading[i] = std::exp2(-static_cast<float>(i) / static_cast<float>(Posterior::kHalfLifeSeconds));
  }
  return fading;
}();

// Within 0.00001; for x > 0. The mantissa is brought near 1, where three terms of the
// series of the area hyperbolic tangent do.
float fast_log2(float x) {
  const auto bits = std::bit_cast<std::uint32_t>(x);
  const std::uint32_t shifted = bits - 0x3f3504f3U;  // the square root of 1/2
  const auto exponent = static_cast<float>(static_cast<std::int32_t>(shifted) >> 23);
  const float m = std::bit_cast<float>((shifted & 0x007fffffU) + 0x3f3504f3U);
  const float t = (m - 1) / (m + 1);
  const float t2 = t * t;
  return exponent + t * (2.885390082F + t2 * (0.961796694F + t2 * 0.577078016F));
}

double normal_quantile(double p) {
  // Newton's method on the distribution function.
  double x = 0;
  for (int i = 0; i < 60; ++i) {
    const double error = 0.5 * std::erfc(-x / std::sqrt(2.0)) - p;
    const double density = std::exp(-x * x / 2) / std::sqrt(2 * 3.14159265358979323846);
    x -= std::clamp(error / std::max(density, 1e-12), -0.5, 0.5);
  }
  return x;
}

}  // namespace

std::uint64_t Posterior::pack(Belief belief, Ticks now) {
  const auto fixed = [](float value) {
    return std::min(kMost, static_cast<std::uint64_t>(std::max(value, 0.0F) * kScale + 0.5F));
  };
  return fixed(belief.successes) << 44 | fixed(belief.failures) << 24 |
         (static_cast<std::uint64_t>(now / kSecond) & kSecondsMask);
}

Belief Posterior::unpack(std::uint64_t word, Ticks now) {
  const std::uint64_t since =
      (static_cast<std::uint64_t>(now / kSecond) - (word & kSecondsMask)) & kSecondsMask;
  // Half a turn and more: another thread's clock is a little ahead of this one.
  const float fade = since < kFaded ? kFading[since] : since > kSecondsMask / 2 ? 1.0F : 0.0F;
  return {std::max(Belief::kPrior, static_cast<float>(word >> 44) / kScale * fade),
          std::max(Belief::kPrior, static_cast<float>(word >> 24 & kMost) / kScale * fade)};
}

void Posterior::observe(float reward, float weight, Ticks now) {
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  for (;;) {
    Belief belief = unpack(word, now);
    belief.successes =
        std::max(Belief::kPrior, belief.successes * kFadePerOutcome) + weight * reward;
    belief.failures =
        std::max(Belief::kPrior, belief.failures * kFadePerOutcome) + weight * (1 - reward);
    if (word_.compare_exchange_weak(word, pack(belief, now), std::memory_order_relaxed)) return;
  }
}

BetaDraws::BetaDraws() {
  for (std::size_t i = 0; i < kQuantiles; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / kQuantiles;
    normal_[i] = static_cast<float>(normal_quantile(p));
    log2_uniform_[i] = static_cast<float>(std::log2(p));
  }
}

float BetaDraws::log2_gamma(float shape, std::uint64_t random) const {
  const float z = normal_[random & (kQuantiles - 1)];
  const float u = log2_uniform_[random >> 12 & (kQuantiles - 1)];
  const float a = shape + 1;
  const float ninth = 1 / (9 * a);
  const float root = std::max(1 - ninth + z * std::sqrt(ninth), 1e-3F);
  return fast_log2(a * root * root * root) + u / shape;
}

float BetaDraws::log_odds(Belief belief, std::uint64_t random) const {
  return log2_gamma(belief.successes, random) - log2_gamma(belief.failures, random >> 24);
}

}  // namespace wasat::pool
