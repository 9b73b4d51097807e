// The study of the pool's policies: a simulated day of two hundred credentials.
//
//   bench_pool [--policies a,b,...] [--seeds N] [--attempts N] [--hours H] [--credentials N]
//
// Prints one line of JSON for each policy and seed. What the same seed gives is the
// same on every machine. bench/pool/report.py makes docs/pool-study* of it.

#include <algorithm>
#include <array>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "bench/pool/day.h"
#include "bench/pool/policies.h"
#include "json/writer.h"

namespace bench {
namespace {

struct Options {
  std::vector<std::string> policies;
  std::uint64_t seeds = 5;
  DayOptions day;
};

[[noreturn]] void refuse(const char* what, const char* which) {
  std::fprintf(stderr, "bench_pool: %s %s\n", what, which);
  std::exit(2);
}

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; i += 2) {
    const std::string_view name = argv[i];
    if (i + 1 == argc) refuse("a value is missing behind", argv[i]);
    const char* value = argv[i + 1];
    if (name == "--policies") {
      std::string_view rest = value;
      while (!rest.empty()) {
        const std::string_view one = rest.substr(0, rest.find(','));
        options.policies.emplace_back(one);
        rest.remove_prefix(std::min(one.size() + 1, rest.size()));
      }
    } else if (name == "--seeds") {
      options.seeds = std::strtoull(value, nullptr, 10);
    } else if (name == "--attempts") {
      options.day.max_attempts = std::strtoull(value, nullptr, 10);
    } else if (name == "--credentials") {
      options.day.credentials = std::strtoull(value, nullptr, 10);
    } else if (name == "--hours") {
      options.day.hours = std::strtod(value, nullptr);
    } else {
      refuse("unknown option", argv[i]);
    }
  }
  if (options.policies.empty()) {
    options.policies.assign(policy_names().begin(), policy_names().end());
  }
  for (const std::string& name : options.policies) {
    if (name != kOracle && !find_policy(name)) refuse("there is no policy", name.c_str());
  }
  return options;
}

void print(std::string_view policy, std::uint64_t seed, const DayResult& result) {
  const auto count = [](std::uint64_t n) { return static_cast<std::int64_t>(n); };
  std::string out;
  wasat::json::Writer writer(out);
  writer.begin_object()
      .member("policy", policy)
      .member("seed", count(seed))
      .member("requests", count(result.requests))
      .member("failures", count(result.failures))
      .member("refused", count(result.refused))
      .member("attempts", count(result.attempts))
      .member("wasted", count(result.wasted))
      .member("regret", result.regret)
      .member("first_token_p50", result.first_token_p50)
      .member("first_token_p95", result.first_token_p95)
      .member("busiest_share", result.busiest_share)
      .key("wasted_by")
      .begin_object();
  constexpr std::array<std::string_view, static_cast<std::size_t>(Cause::kCount)> kCauses = {
      "none", "overload", "way", "suspended", "quota", "credential"};
  for (std::size_t i = 1; i < kCauses.size(); ++i) {
    writer.member(kCauses[i], count(result.wasted_by[i]));
  }
  writer.end_object().key("hours").begin_array();
  for (const DayResult::Hour& hour : result.hours) {
    writer.begin_object()
        .member("requests", count(hour.requests))
        .member("failures", count(hour.failures))
        .member("wasted", count(hour.wasted))
        .member("regret", hour.regret)
        .end_object();
  }
  writer.end_array().end_object();
  std::puts(out.c_str());
  std::fflush(stdout);
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  bench::Options options = bench::read_options(argc, argv);
  for (std::uint64_t seed = 1; seed <= options.seeds; ++seed) {
    for (const std::string& policy : options.policies) {
      options.day.seed = seed;
      bench::print(policy, seed, bench::run_day(policy, options.day));
    }
  }
  return 0;
}
