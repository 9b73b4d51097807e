#include "pool/posterior.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>

namespace wasat::pool {
namespace {

// Four draws at a time.
constexpr std::size_t kLanes = 4;
using Floats = float __attribute__((ext_vector_type(kLanes)));
using Words = std::int32_t __attribute__((ext_vector_type(kLanes)));
static_assert(BetaDraws::kAtOnce % kLanes == 0);

// Within 0.00001; for x > 0. The mantissa is brought near 1, where three terms of the
// series of the area hyperbolic tangent do.
Floats fast_log2(Floats x) {
  const Words shifted = std::bit_cast<Words>(x) - 0x3f3504f3;  // the square root of 1/2
  const Floats exponent = __builtin_convertvector(shifted >> 23, Floats);
  const Floats m = std::bit_cast<Floats>((shifted & 0x007fffff) + 0x3f3504f3);
  const Floats t = (m - 1) / (m + 1);
  const Floats t2 = t * t;
  return exponent + t * (2.885390082F + t2 * (0.961796694F + t2 * 0.577078016F));
}

Floats log2_gamma(Floats shape, Floats normal, Floats log2_uniform) {
  const Floats a = shape + 1;
  const Floats ninth = 1 / (9 * a);
  const Floats least = 1e-3F;
  Floats root = 1 - ninth + normal * __builtin_elementwise_sqrt(ninth);
  root = root < least ? least : root;
  return fast_log2(a * root * root * root) + log2_uniform / shape;
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

const std::array<float, Posterior::kFaded> Posterior::kFading = [] {
  std::array<float, kFaded> fading{};
  for (std::size_t i = 0; i < kFaded; ++i) {
    fading[i] = std::exp2(-static_cast<float>(i) / static_cast<float>(kHalfLifeSeconds));
  }
  return fading;
}();

void Posterior::observe(float reward, float weight, Ticks now) {
  std::uint64_t word = word_.load(std::memory_order_relaxed);
  for (;;) {
    Belief belief = unpack(word, now);
    belief.successes =
        std::max(Belief::kPrior, belief.successes * kFadePerOutcome) + weight * reward;
    belief.failures =
        std::max(Belief::kPrior, belief.failures * kFadePerOutcome) + weight * (1 - reward);
    const std::uint64_t next = pack(belief, now);
    // As good as it gets: then nothing changes from one success to the next.
    if (next == word || word_.compare_exchange_weak(word, next, std::memory_order_relaxed)) return;
  }
}

BetaDraws::BetaDraws() {
  for (std::size_t i = 0; i < kQuantiles; ++i) {
    const double p = (static_cast<double>(i) + 0.5) / kQuantiles;
    normal_[i] = static_cast<float>(normal_quantile(p));
    log2_uniform_[i] = static_cast<float>(std::log2(p));
  }
}

void BetaDraws::log_odds(std::span<const Belief> beliefs, Random& random,
                         std::span<float, kAtOnce> odds) const {
  // 8 bits of randomness for each table.
  struct alignas(16) Lanes {
    std::array<float, kAtOnce> of{};
    Floats at(std::size_t first) const { return *reinterpret_cast<const Floats*>(&of[first]); }
  };
  Lanes shapes[2];
  Lanes normals[2];
  Lanes uniforms[2];
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < beliefs.size(); ++i) {
    bits = i % 2 == 0 ? random.next() : bits >> 32;
    shapes[0].of[i] = beliefs[i].successes;
    shapes[1].of[i] = beliefs[i].failures;
    normals[0].of[i] = normal_[bits & 0xff];
    uniforms[0].of[i] = log2_uniform_[bits >> 8 & 0xff];
    normals[1].of[i] = normal_[bits >> 16 & 0xff];
    uniforms[1].of[i] = log2_uniform_[bits >> 24 & 0xff];
  }
  // Nobody looks at what comes of the lanes behind the last belief.
  for (std::size_t first = 0; first < beliefs.size(); first += kLanes) {
    const Floats drawn =
        log2_gamma(shapes[0].at(first), normals[0].at(first), uniforms[0].at(first)) -
        log2_gamma(shapes[1].at(first), normals[1].at(first), uniforms[1].at(first));
    std::memcpy(&odds[first], &drawn, sizeof drawn);
  }
}

}  // namespace wasat::pool
