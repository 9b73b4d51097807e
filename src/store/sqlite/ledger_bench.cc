// What a large ledger costs. WASAT_LEDGER_ENTRIES says how many entries it has (2,000,000);
// fifty million take ten minutes and 4 GB of the folder for temporary files.

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>

#include "base/temp_folder.h"
#include "store/ledger/note_codec.h"
#include "store/sqlite/ledger_reader.h"
#include "store/sqlite/ledger_sample.h"
#include "store/sqlite/sqlite_ledger.h"

namespace wasat::store {
namespace {

using std::chrono::hours;

constexpr Time kNow{std::chrono::seconds(1'800'000'000)};
constexpr hours kSpan{24 * 30};

const Keys& keys() {
  static const Keys made(Secret("0123456789abcdef0123456789abcdef"));
  return made;
}

std::int64_t entries() {
  const char* text = std::getenv("WASAT_LEDGER_ENTRIES");
  return text != nullptr ? std::strtoll(text, nullptr, 10) : 2'000'000;
}

// Filled at the first use.
Database& large_ledger() {
  static const TempFolder temp;
  static Database database = [] {
    const std::string path = temp.file("ledger.db");
    {
      LedgerWriter writer = *LedgerWriter::open(path, std::chrono::seconds(1), keys(), kNow);
      if (!LedgerSample::fill(writer, entries(), kNow, kSpan)) std::abort();
    }
    std::printf("%lld entries in %llu MiB\n", static_cast<long long>(entries()),
                static_cast<unsigned long long>(std::filesystem::file_size(path) >> 20));
    return *Database::open(path, std::chrono::seconds(1), Database::Use::kLedger);
  }();
  return database;
}

void write_entries(benchmark::State& state) {
  const TempFolder temp;
  LedgerWriter writer =
      *LedgerWriter::open(temp.file("ledger.db"), std::chrono::seconds(1), keys(), kNow);
  constexpr std::int64_t kAtOnce = 8192;
  for (auto _ : state) {
    if (!LedgerSample::fill(writer, kAtOnce, kNow, std::chrono::seconds(1))) std::abort();
  }
  state.SetItemsProcessed(state.iterations() * kAtOnce);
}
BENCHMARK(write_entries)->Unit(benchmark::kMillisecond);

void append_an_entry(benchmark::State& state) {
  observe::LineRing ring(1u << 20);
  std::string scratch;
  const LedgerNote note{.id = "abcdefghijklmnopqrstuvwx",
                        .token_id = "token-1",
                        .client = "192.0.2.7",
                        .dialect = "gemini",
                        .method = "streamGenerateContent",
                        .model = "gemini-2.5-flash",
                        .upstream_model = "gemini-2.5-flash",
                        .provider = "api_key",
                        .credential_id = "0123456789abcdef",
                        .outcome = "ok"};
  for (auto _ : state) {
    encode_note(note, scratch);
    if (!ring.push(scratch)) ring.consume(ring.front().size());
  }
}
BENCHMARK(append_an_entry);

void usage(benchmark::State& state, UsageStep step, UsageKey key, hours span) {
  Database& database = large_ledger();
  for (auto _ : state) {
    benchmark::DoNotOptimize(read_usage(database, kNow - span, kNow, step, key, kNow));
  }
}
BENCHMARK_CAPTURE(usage, hour_by_minute, UsageStep::kMinute, UsageKey::kNothing, hours(1))
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(usage, day_by_hour_of_credentials, UsageStep::kHour, UsageKey::kCredential,
                  hours(24))
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(usage, month_by_day_of_credentials, UsageStep::kDay, UsageKey::kCredential, kSpan)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(usage, month_whole_of_tokens, UsageStep::kWhole, UsageKey::kToken, kSpan)
    ->Unit(benchmark::kMillisecond);

void find(benchmark::State& state, const LedgerFilter& filter) {
  Database& database = large_ledger();
  for (auto _ : state) benchmark::DoNotOptimize(find_entries(database, filter, "", 100, {}));
}
BENCHMARK_CAPTURE(find, newest, {})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, of_a_token, {.token_id = LedgerSample::token(7)})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, of_a_credential, {.credential_id = LedgerSample::credential(7)})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, failed, {.outcome = "failed"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, rare_outcome, {.outcome = "content_blocked"})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, nobody, {.token_id = "nobody"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, text, {.text = "no such text"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, ten_days_ago,
                  {.until = kNow - hours(240), .credential_id = LedgerSample::credential(9)})
    ->Unit(benchmark::kMillisecond);

void read_one(benchmark::State& state) {
  Database& database = large_ledger();
  const std::string id =
      find_entries(database, {.until = kNow - hours(24 * 29)}, "", 1, {})->entries[0].id;
  for (auto _ : state) benchmark::DoNotOptimize(read_entry(database, keys(), id));
}
BENCHMARK(read_one)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace wasat::store
