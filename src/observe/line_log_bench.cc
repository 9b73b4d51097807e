#include <benchmark/benchmark.h>

#include "observe/line_log.h"

namespace wasat::observe {
namespace {

void append_a_line(benchmark::State& state) {
  auto log = LineLog::open({.path = "/dev/null"});
  const std::string line(300, 'x');
  for (auto _ : state) (*log)->append(0, line);
  state.counters["dropped"] = static_cast<double>((*log)->dropped());
}
BENCHMARK(append_a_line);

}  // namespace
}  // namespace wasat::observe
