#include <benchmark/benchmark.h>

#include "observe/line_log.h"

namespace wasat::observe {
namespace {

// As many lines as the lane takes, so that none is dropped.
void append_a_line(benchmark::State& state) {
  auto log = LineLog::open({.path = "/dev/null", .lane_bytes = 4 << 20});
  const std::string line(300, 'x');
  for (auto _ : state) (*log)->append(0, line);
  if ((*log)->dropped() > 0) state.SkipWithError("lines were dropped");
}
BENCHMARK(append_a_line)->Iterations(10000)->Repetitions(5)->ReportAggregatesOnly();

}  // namespace
}  // namespace wasat::observe
