#include <benchmark/benchmark.h>

#include "base/crypto.h"

namespace wasat {
namespace {

void hmac_of_a_token(benchmark::State& state) {
  const HmacKey key(Secret("0123456789abcdef0123456789abcdef"));
  const std::string token = "wst-0123456789abcdefghijklmnopqrstuvwxyz0123";
  for (auto _ : state) benchmark::DoNotOptimize(key(token));
}
BENCHMARK(hmac_of_a_token);

}  // namespace
}  // namespace wasat
