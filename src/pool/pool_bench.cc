// lease + settle: what each request pays for the pool.
//
// The table of google-benchmark gives means; percentiles are measured beside it, pair
// by pair, and shown as counters: p50_ns and p99_ns, less what reading the clock costs.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <thread>

#include "pool/seat.h"

namespace wasat::pool {
namespace {

using std::chrono::hours;
using SteadyClock = std::chrono::steady_clock;

constexpr std::array<std::string_view, 1> kProviders{"api_key"};

// `dead_percent` of `count` credentials rest for the day.
void fill(Pool& pool, std::size_t count, std::size_t dead_percent, const Clock& clock,
          std::string_view model = {}) {
  CredentialList list;
  list.reserve(count);
  const Moment now = Moment::now(clock);
  for (std::size_t i = 0; i < count; ++i) {
    list.push_back(std::make_shared<Credential>(
        CredentialIdentity{.id = "credential-" + std::to_string(i),
                           .provider = "api_key",
                           .name = "AIzaSyAB...",
                           .secret = Secret("AIzaSyABCDEFGHIJKLMNOPQRSTUV" + std::to_string(i))}));
    if (i % 100 < dead_percent) {
      list.back()->cool({.model = std::string(model), .until = now.wall + hours(9), .why = "quota"},
                        now);
    }
  }
  pool.replace(std::move(list));
}

double clock_cost() {
  std::vector<std::int64_t> costs;
  for (int i = 0; i < 10'000; ++i) {
    const auto before = SteadyClock::now();
    costs.push_back((SteadyClock::now() - before).count());
  }
  std::ranges::nth_element(costs, costs.begin() + 5000);
  return static_cast<double>(costs[5000]);
}

struct Shared {
  SystemClock clock;
  std::unique_ptr<Pool> pool;
};
Shared& shared() {
  static Shared shared;
  return shared;
}

void run(benchmark::State& state, Policy policy, std::size_t dead_percent, bool affinity,
         std::string_view dead_for = {}) {
  const auto count = static_cast<std::size_t>(state.range(0));
  if (state.thread_index() == 0) {
    shared().pool = std::make_unique<Pool>(shared().clock, PoolOptions{.policy = policy}, nullptr);
    fill(*shared().pool, count, dead_percent, shared().clock, dead_for);
  }
  std::vector<std::int64_t> times;
  times.reserve(1u << 21);
  std::optional<Seat> seat;
  Random random(static_cast<std::uint64_t>(state.thread_index()) + 1);
  for (auto _ : state) {
    if (!seat) seat.emplace(*shared().pool, nullptr, Random(random.next()));
    const Demand demand{.providers = kProviders,
                        .model = "gemini-2.5-flash",
                        .affinity = affinity ? random.next() % 5000 + 1 : 0};
    const auto before = SteadyClock::now();
    Result<Lease> lease = seat->try_lease(demand);
    if (!lease) {
      state.SkipWithError("no lease");
      break;
    }
    lease->note_first_chunk(before + std::chrono::milliseconds(300));
    lease->settle(Outcome::success());
    const auto took = (SteadyClock::now() - before).count();
    if (times.size() < times.capacity()) times.push_back(took);
  }
  seat.reset();
  if (times.size() < 100) return;
  const double cost = clock_cost();
  const auto percentile = [&](double share) {
    const auto at =
        times.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(times.size() - 1));
    std::ranges::nth_element(times, at);
    return benchmark::Counter(std::max(0.0, static_cast<double>(*at) - cost),
                              benchmark::Counter::kAvgThreads);
  };
  state.counters["p50_ns"] = percentile(0.5);
  state.counters["p99_ns"] = percentile(0.99);
}

void thompson(benchmark::State& state) { run(state, Policy::kThompson, 0, false); }
void thompson_95_percent_dead(benchmark::State& state) { run(state, Policy::kThompson, 95, false); }
void thompson_95_percent_dead_for_the_model(benchmark::State& state) {
  run(state, Policy::kThompson, 95, false, "gemini-2.5-flash");
}
void thompson_with_affinity(benchmark::State& state) { run(state, Policy::kThompson, 0, true); }
void round_robin(benchmark::State& state) { run(state, Policy::kRoundRobin, 0, false); }
void least_busy(benchmark::State& state) { run(state, Policy::kLeastBusy, 0, false); }
void weighted(benchmark::State& state) { run(state, Policy::kWeighted, 0, false); }
void fill_first(benchmark::State& state) { run(state, Policy::kFillFirst, 95, false); }

BENCHMARK(thompson)->Arg(10)->Arg(1000)->Arg(100'000)->Threads(2)->UseRealTime();
BENCHMARK(thompson_95_percent_dead)->Arg(100'000)->Threads(2)->UseRealTime();
BENCHMARK(thompson_95_percent_dead_for_the_model)->Arg(100'000)->Threads(2)->UseRealTime();
BENCHMARK(thompson_with_affinity)->Arg(100'000)->Threads(2)->UseRealTime();
BENCHMARK(round_robin)->Arg(100'000)->Threads(2)->UseRealTime();
BENCHMARK(least_busy)->Arg(100'000)->Threads(2)->UseRealTime();
BENCHMARK(weighted)->Arg(100'000)->Threads(2)->UseRealTime();
BENCHMARK(fill_first)->Arg(100'000)->Threads(2)->UseRealTime();

// A request that finds nobody: as quick among 100,000.
void refusal(benchmark::State& state) {
  const SystemClock clock;
  Pool pool(clock, {}, nullptr);
  fill(pool, static_cast<std::size_t>(state.range(0)), 100, clock);
  Seat seat(pool, nullptr, Random(1));
  const Demand demand{.providers = kProviders, .model = "gemini-2.5-flash"};
  for (auto _ : state) benchmark::DoNotOptimize(seat.try_lease(demand));
}
BENCHMARK(refusal)->Arg(10)->Arg(100'000);

void build(benchmark::State& state) {
  const SystemClock clock;
  for (auto _ : state) {
    Pool pool(clock, {}, nullptr);
    fill(pool, static_cast<std::size_t>(state.range(0)), 50, clock);
  }
}
BENCHMARK(build)->Arg(100'000)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wasat::pool
