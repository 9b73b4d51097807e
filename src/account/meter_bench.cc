#include <benchmark/benchmark.h>

#include "account/meter.h"

namespace wasat::account {
namespace {

void reserve_and_settle(benchmark::State& state) {
  static const SystemClock clock;
  static Meter meter(clock);
  static const auto limits = std::make_shared<const Limits>(
      Limits::parse(R"({"requests_per_minute":1000000000,"input_tokens_per_day":1000000000000,)"
                    R"("concurrency":1000,"dollars_per_month":1000000})")
          .value_or(Limits()));
  const std::string token = "token-" + std::to_string(state.thread_index());
  for (auto _ : state) {
    Reservation reservation;
    benchmark::DoNotOptimize(meter.reserve(token, limits.get(), reservation));
    benchmark::DoNotOptimize(reservation.expect({.input = 100, .cost = 1000}));
    reservation.settle({.input = 10, .cost = 100});
  }
}
BENCHMARK(reserve_and_settle)->Threads(1)->Threads(2);

}  // namespace
}  // namespace wasat::account
