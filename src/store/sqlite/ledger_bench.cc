// What a large ledger costs. WASAT_LEDGER_ENTRIES says how many entries it has (2,000,000);
// fifty million take ten minutes and 4 GB of the folder for temporary files. With
// WASAT_LEDGER_FILE the file is that one, which is kept, and used again when it is there.

#include <benchmark/benchmark.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "base/temp_folder.h"
#include "store/keys_test.h"
#include "store/ledger/note_codec.h"
#include "store/sqlite/ledger_reader.h"
#include "store/sqlite/ledger_sample.h"
#include "store/sqlite/sqlite_ledger.h"
#include "store/sqlite/usage_reader.h"

namespace wasat::store {
namespace {

using std::chrono::hours;

constexpr Time kNow{std::chrono::seconds(1'800'000'000)};
constexpr hours kSpan{24 * 30};
constexpr std::chrono::milliseconds kMoment{1};  // windows end behind now

std::int64_t entries() {
  const char* text = std::getenv("WASAT_LEDGER_ENTRIES");
  return text != nullptr ? std::strtoll(text, nullptr, 10) : 2'000'000;
}

// Filled at the first use.
Database& large_ledger() {
  static const TempFolder temp;
  static Database database = [] {
    const char* kept = std::getenv("WASAT_LEDGER_FILE");
    const std::string path = kept != nullptr ? kept : temp.file("ledger.db");
    if (!std::filesystem::exists(path)) {
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
    benchmark::DoNotOptimize(
        read_usage(database, kNow - span, kNow + kMoment, step, key, {}, kNow));
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

// A minute and a half behind an hour, whole windows have the most steps: 59 minutes, 23 hours.
constexpr Time kWorst{std::chrono::seconds(1'799'974'890)};

// Ten thousand credentials, tokens and models, of which each was busy in every step.
Database& ledger_of_many() {
  static const TempFolder temp;
  static Database database = [] {
    const std::string path = temp.file("ledger.db");
    {
      LedgerWriter writer = *LedgerWriter::open(path, std::chrono::seconds(1), keys(), kWorst);
      if (!LedgerSample::fill_steps(writer, 10'000, kWorst, kSpan)) std::abort();
    }
    return *Database::open(path, std::chrono::seconds(1), Database::Use::kLedger);
  }();
  return database;
}

void usage_of_many(benchmark::State& state, UsageKey key, std::chrono::minutes span) {
  Database& database = ledger_of_many();
  for (auto _ : state) {
    const auto sums =
        read_usage(database, kWorst - span, kWorst + kMoment, UsageStep::kWhole, key, {}, kWorst);
    if (!sums || sums->size() != 10'000) std::abort();
  }
}
// What a series takes besides.
void steps_of_ten(benchmark::State& state, UsageStep step, std::chrono::minutes span) {
  Database& database = ledger_of_many();
  std::vector<std::string> ten;
  for (std::size_t i = 0; i < 10; ++i) ten.push_back(LedgerSample::credential(i * 900));
  for (auto _ : state) {
    const auto sums = read_usage(database, kWorst - span, kWorst + kMoment, step,
                                 UsageKey::kCredential, ten, kWorst);
    if (!sums || sums->empty()) std::abort();
  }
}
BENCHMARK_CAPTURE(usage_of_many, credentials_1m, UsageKey::kCredential, std::chrono::minutes(1))
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(usage_of_many, credentials_1h, UsageKey::kCredential, hours(1))
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(usage_of_many, credentials_24h, UsageKey::kCredential, hours(24))
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(usage_of_many, credentials_30d, UsageKey::kCredential, kSpan)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(usage_of_many, models_30d, UsageKey::kModel, kSpan)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(usage_of_many, tokens_30d, UsageKey::kToken, kSpan)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(steps_of_ten, hour_by_minute, UsageStep::kMinute, hours(1))
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(steps_of_ten, month_by_day, UsageStep::kDay, kSpan)
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
BENCHMARK_CAPTURE(find, of_a_provider, {.provider = "api_key"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, of_a_dialect, {.dialect = "anthropic"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, of_a_model, {.model = "gemini-2.5-pro"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, with_a_status, {.status = 429})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, failed, {.outcome = "failed"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, rare_outcome, {.outcome = "content_blocked"})
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, nobody, {.token_id = "nobody"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, no_such_status, {.status = 418})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, text, {.text = "prohibited"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, text_of_none, {.text = "no such text"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find, ten_days_ago,
                  {.until = kNow - hours(240), .credential_id = LedgerSample::credential(9)})
    ->Unit(benchmark::kMillisecond);

// Page after page to the end of the ledger. The slowest page is in milliseconds.
void find_all(benchmark::State& state, const LedgerFilter& filter) {
  Database& database = large_ledger();
  std::int64_t pages = 0;
  std::int64_t found = 0;
  double slowest = 0;
  for (auto _ : state) {
    std::string next;
    do {
      const auto begun = std::chrono::steady_clock::now();
      const auto page = find_entries(database, filter, next, 100, {});
      if (!page) std::abort();
      const std::chrono::duration<double, std::milli> spent =
          std::chrono::steady_clock::now() - begun;
      slowest = std::max(slowest, spent.count());
      ++pages;
      found += static_cast<std::int64_t>(page->entries.size());
      next = page->next;
    } while (!next.empty());
  }
  state.counters["pages"] = static_cast<double>(pages) / static_cast<double>(state.iterations());
  state.counters["found"] = static_cast<double>(found) / static_cast<double>(state.iterations());
  state.counters["slowest"] = slowest;
}
BENCHMARK_CAPTURE(find_all, nobody, {.token_id = "nobody"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find_all, text_of_none, {.text = "no such text"})->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(find_all, text_of_the_oldest, {.text = "CERTIFICATE has expired"})
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
