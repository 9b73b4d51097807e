#include <benchmark/benchmark.h>

#include "observe/metrics.h"

namespace wasat::observe {
namespace {

// What an exchange counts.
void count_an_exchange(benchmark::State& state) {
  Metrics metrics(1, LabelLists({"gemini-2.5-flash"}, {"api_key"}));
  Shard& shard = metrics.shard(0);
  for (auto _ : state) {
    const std::uint16_t model = metrics.labels().model("gemini-2.5-flash");
    shard.change(Metric::kRequestsInFlight, 1, {1});
    shard.count(Metric::kUpstreamAttempts, {0, kOutcomeOk});
    shard.observe(Metric::kTimeToFirstToken, std::chrono::milliseconds(30), {1, model});
    shard.observe(Metric::kRequestDuration, std::chrono::milliseconds(300), {1, kOutcomeOk});
    shard.count(Metric::kRequests, {1, model, kOutcomeOk});
    shard.change(Metric::kRequestsInFlight, -1, {1});
  }
}
BENCHMARK(count_an_exchange);

}  // namespace
}  // namespace wasat::observe
