// Pools of a hundred thousand credentials: times and memory. The bounds leave room for slow
// machines and builds without optimisation; store_bench.cc has the figures.

#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <fstream>

#include "base/temp_folder.h"
#include "store/keys_test.h"
#include "store/sqlite/sqlite_store.h"

namespace wasat::store {
namespace {

#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr int kMany = 20'000;  // sanitizers take several times the memory
#else
constexpr int kMany = 100'000;
#endif

// Of this process, in bytes.
std::size_t resident() {
  std::ifstream in("/proc/self/statm");
  std::size_t all = 0;
  std::size_t pages = 0;
  in >> all >> pages;
  return pages * static_cast<std::size_t>(sysconf(_SC_PAGESIZE));
}

// In seconds. (The processor's time: other programs on the machine do not count.)
template <class Work>
double time_of(Work work) {
  const auto now = [] {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
  };
  const double begun = now();
  work();
  return now() - begun;
}

TEST(LargePool, IsWrittenAtOnceLoadedQuicklyAndClearedAtOnce) {
  const ManualClock clock;
  const TempFolder temp;
  auto store = SqliteStore::open({.path = temp.file("wasat.db")}, keys(), clock);
  ASSERT_TRUE(store.has_value());

  std::vector<Change> changes;
  changes.reserve(kMany);
  for (int i = 0; i < kMany; ++i) {
    const std::string number = std::to_string(1'000'000 + i);
    changes.emplace_back(
        PutCredential{{.id = "0123456789abcdef-" + number,
                       .provider = "api_key",
                       .name = "key " + number,
                       .secret = Secret("AIzaSyAbcdefghijklmnopqrstuvwxyz" + number),
                       .created = to_time(clock.wall()),
                       .updated = to_time(clock.wall())}});
  }
  Result<> written;
  const double writing = time_of([&] { written = (*store)->write_and_wait(std::move(changes)); });
  ASSERT_TRUE(written.has_value()) << written.error().detail;
  EXPECT_LT(writing, 20.0);

  const std::size_t before = resident();
  Result<Contents> contents;
  const double loading = time_of([&] { contents = (*store)->load_all(); });
  const std::size_t grown = resident() - std::min(before, resident());
  ASSERT_TRUE(contents.has_value());
  ASSERT_EQ(contents->credentials.size(), static_cast<std::size_t>(kMany));
  EXPECT_TRUE(contents->credentials.back().secret.equals("AIzaSyAbcdefghijklmnopqrstuvwxyz" +
                                                         std::to_string(1'000'000 + kMany - 1)));
  EXPECT_LT(loading, 4.0);
  EXPECT_LT(grown, 100u << 20);
  RecordProperty("writing_ms", static_cast<int>(writing * 1000));
  RecordProperty("loading_ms", static_cast<int>(loading * 1000));
  std::printf("written in %.2f s, loaded in %.2f s, %zu MiB\n", writing, loading, grown >> 20);

  changes.clear();
  for (const Credential& each : contents->credentials) {
    changes.emplace_back(RemoveCredential{each.id});
  }
  written = (*store)->write_and_wait(std::move(changes));
  ASSERT_TRUE(written.has_value()) << written.error().detail;
  EXPECT_TRUE((*store)->load_all()->credentials.empty());
}

}  // namespace
}  // namespace wasat::store
