// What the ledger does when its file, its disk or its process fails.

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <functional>
#include <mutex>
#include <thread>

#include "base/temp_folder.h"
#include "store/keys_test.h"
#include "store/sqlite/faulty_disk.h"
#include "store/sqlite/sqlite_ledger.h"

namespace wasat::store {
namespace {

using std::chrono::milliseconds;

class LedgerFaultTest : public testing::Test {
 protected:
  SqliteLedger::Options options() {
    return {.path = path_,
            .patience = milliseconds(20),
            .interval = milliseconds(5),
            .retry = milliseconds(5)};
  }
  std::unique_ptr<SqliteLedger> must_open() { return must_open(options()); }
  std::unique_ptr<SqliteLedger> must_open(SqliteLedger::Options with) {
    auto ledger = SqliteLedger::open(std::move(with), keys(), clock_);
    if (!ledger) ADD_FAILURE() << ledger.error().detail;
    return ledger ? std::move(*ledger) : nullptr;
  }
  static void wait_until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!done() && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_TRUE(done());
  }
  void append(SqliteLedger& ledger, const std::string& id) {
    ledger.append(0, {.time = to_time(clock_.wall()),
                      .id = id,
                      .token_id = "t1",
                      .outcome = "ok",
                      .status = 200});
  }
  // All ids, the oldest first.
  static std::vector<std::string> ids(SqliteLedger& ledger) {
    std::vector<std::string> all;
    std::string next;
    do {
      auto page = ledger.find({}, next, 1000);
      if (!page) {
        ADD_FAILURE() << page.error().detail;
        return all;
      }
      for (const LedgerEntry& entry : page->entries) all.push_back(entry.id);
      next = page->next;
    } while (!next.empty());
    std::ranges::reverse(all);
    return all;
  }
  using Ids = std::vector<std::string>;

  ManualClock clock_;
  TempFolder temp_;
  std::string path_ = temp_.file("ledger.db");
};

TEST_F(LedgerFaultTest, AFullDiskIsToldOfAndNothingIsLostWhenThereIsRoomAgain) {
  FaultyDisk disk;
  auto ledger = must_open();
  append(*ledger, "before");
  wait_until([&] { return ledger->status().written == 1; });
  disk.writing_gives(SQLITE_FULL);
  append(*ledger, "meanwhile");
  wait_until([&] { return !ledger->status().healthy; });
  EXPECT_NE(ledger->status().problem.find("The disk is full: make room"), std::string::npos)
      << ledger->status().problem;
  append(*ledger, "later");
  EXPECT_EQ(ids(*ledger), (Ids{"before"}));  // it can be read
  EXPECT_EQ(ledger->status().waiting, 2u);
  disk.writing_gives(SQLITE_OK);
  wait_until([&] { return ledger->status().healthy && ledger->status().written == 3; });
  EXPECT_EQ(ids(*ledger), (Ids{"before", "meanwhile", "later"}));
  const auto sums = ledger->usage(Time(), to_time(clock_.wall()) + std::chrono::hours(1),
                                  UsageStep::kDay, UsageKey::kNothing, {});
  EXPECT_EQ(sums->at(0).requests, 3);  // what failed half-way counts once
  EXPECT_EQ(ledger->status().dropped, 0u);
  ledger.reset();
}

TEST_F(LedgerFaultTest, ADiskThatIsStillFullIsNotTakenForWellBecauseNothingComes) {
  FaultyDisk disk;
  SqliteLedger::Options with = options();
  with.tidying = milliseconds(1);
  with.limits.most_age = std::chrono::hours(1);
  auto ledger = must_open(with);
  append(*ledger, "old");
  wait_until([&] { return ledger->status().written == 1; });
  std::atomic<int> recoveries = 0;
  ledger->watch([&](const std::string& problem) { recoveries += problem.empty() ? 1 : 0; });
  disk.writing_gives(SQLITE_FULL);
  clock_.advance(std::chrono::hours(2));  // what is old cannot be removed
  wait_until([&] { return !ledger->status().healthy; });
  for (int i = 0; i < 20; ++i) std::this_thread::sleep_for(milliseconds(2));  // some tries
  EXPECT_FALSE(ledger->status().healthy);
  EXPECT_EQ(recoveries, 0);
  disk.writing_gives(SQLITE_OK);
  wait_until([&] { return ledger->status().healthy && ids(*ledger).empty(); });
  ledger.reset();
}

TEST_F(LedgerFaultTest, WhatTheMemoryDoesNotHoldIsCounted) {
  FaultyDisk disk;
  SqliteLedger::Options with = options();
  with.waiting_bytes = 4096;
  auto ledger = must_open(with);
  disk.writing_gives(SQLITE_IOERR_WRITE);
  for (int i = 0; i < 1000; ++i) append(*ledger, "x" + std::to_string(i));
  wait_until([&] { return ledger->status().dropped > 900; });
  disk.writing_gives(SQLITE_OK);
  wait_until([&] { return ledger->status().waiting == 0; });
  append(*ledger, "after");
  wait_until([&] { return ledger->status().waiting == 0; });
  EXPECT_EQ(ids(*ledger).front(), "x0");
  EXPECT_EQ(ids(*ledger).back(), "after");
  EXPECT_EQ(ledger->status().written + ledger->status().dropped, 1001u);
  ledger.reset();
}

TEST_F(LedgerFaultTest, ALockIsToldOfAndOutlived) {
  std::mutex mutex;
  std::string said;
  auto ledger = must_open();
  ledger->watch([&](const std::string& problem) {
    const std::lock_guard lock(mutex);
    said = problem;
  });
  const auto told = [&] {
    const std::lock_guard lock(mutex);
    return said;
  };
  auto other = Database::open(path_, milliseconds(20), Database::Use::kLedger);
  ASSERT_TRUE(other->execute("BEGIN IMMEDIATE").has_value());
  append(*ledger, "x");
  wait_until([&] { return !ledger->status().healthy; });
  EXPECT_NE(ledger->status().problem.find("fuser"), std::string::npos);
  wait_until([&] { return !told().empty(); });
  EXPECT_NE(told().find("fuser"), std::string::npos);
  ASSERT_TRUE(other->execute("ROLLBACK").has_value());
  wait_until([&] { return ledger->status().healthy; });
  ledger->watch({});
  EXPECT_EQ(told(), "");
  EXPECT_EQ(ids(*ledger), (Ids{"x"}));
}

TEST_F(LedgerFaultTest, AtStartALockedOrDamagedFileIsRefusedWithTheRemedy) {
  must_open();
  {
    auto other = Database::open(path_, milliseconds(20), Database::Use::kLedger);
    ASSERT_TRUE(other->execute("BEGIN IMMEDIATE").has_value());
    const auto refused = SqliteLedger::open(options(), keys(), clock_);
    ASSERT_FALSE(refused.has_value());
    EXPECT_NE(refused.error().detail.find("fuser"), std::string::npos) << refused.error().detail;
  }
  write_file(path_, std::string(8192, 'x'));
  std::filesystem::remove(path_ + "-wal");
  const auto refused = SqliteLedger::open(options(), keys(), clock_);
  ASSERT_FALSE(refused.has_value());
  EXPECT_NE(refused.error().detail.find("move it away to start afresh"), std::string::npos)
      << refused.error().detail;
  EXPECT_EQ(read_file(path_), std::string(8192, 'x'));  // and left as it was
}

TEST_F(LedgerFaultTest, AFileThatIsDamagedWhileRunningIsToldOfUntilItIsMovedAway) {
  auto ledger = must_open();
  append(*ledger, "before");
  wait_until([&] { return ledger->status().written == 1; });
  // As a failing disk would: the log is gone, and the file is something else.
  {
    auto other = Database::open(path_, milliseconds(20), Database::Use::kLedger);
    ASSERT_TRUE(other->execute("PRAGMA wal_checkpoint(TRUNCATE)").has_value());
  }
  const auto size = std::filesystem::file_size(path_);
  {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    const std::string noise(size, 'x');
    file.write(noise.data(), static_cast<std::streamsize>(noise.size()));
  }
  append(*ledger, "meanwhile");
  wait_until([&] { return !ledger->status().healthy; });
  EXPECT_NE(ledger->status().problem.find("move it away"), std::string::npos)
      << ledger->status().problem;
  for (const char* end : {"", "-wal", "-shm"}) std::filesystem::remove(path_ + end);
  wait_until([&] { return ledger->status().healthy; });
  EXPECT_EQ(ids(*ledger), (Ids{"meanwhile"}));
}

// A child enters numbers and says which it entered, until it is killed. Of those that it said
// a second before, none is missing; what is there is whole.
TEST_F(LedgerFaultTest, AKillLosesASecondAtMostAndTearsNothing) {
  for (int round = 0; round < 3; ++round) {
    path_ = temp_.file("killed-" + std::to_string(round) + ".db");
    int entered[2];
    ASSERT_EQ(pipe(entered), 0);
    const pid_t child = fork();
    if (child == 0) {
      SqliteLedger::Options with;  // as in production
      with.path = path_;
      auto ledger = SqliteLedger::open(with, keys(), clock_);
      if (!ledger) _exit(1);
      for (std::uint32_t i = 0;; ++i) {
        append(**ledger, std::to_string(i));
        if (write(entered[1], &i, sizeof(i)) != sizeof(i)) _exit(1);
        if (i % 8 == 0) std::this_thread::sleep_for(std::chrono::microseconds(500));
      }
    }
    close(entered[1]);
    std::vector<std::chrono::steady_clock::time_point> at;  // of each number
    std::uint32_t number = 0;
    const auto begun = std::chrono::steady_clock::now();
    while (std::chrono::steady_clock::now() - begun < milliseconds(1300 + 70 * round) &&
           read(entered[0], &number, sizeof(number)) == sizeof(number)) {
      at.push_back(std::chrono::steady_clock::now());
    }
    const auto killed = std::chrono::steady_clock::now();
    kill(child, SIGKILL);
    close(entered[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));

    auto ledger = must_open();
    const Ids found = ids(*ledger);
    for (std::size_t i = 0; i < found.size(); ++i) ASSERT_EQ(found[i], std::to_string(i));
    std::size_t owed = 0;
    while (owed < at.size() && killed - at[owed] > std::chrono::seconds(1)) ++owed;
    EXPECT_GT(owed, 100u);
    EXPECT_GE(found.size(), owed) << at.size();
    const auto sums = ledger->usage(Time(), to_time(clock_.wall()) + std::chrono::hours(1),
                                    UsageStep::kDay, UsageKey::kNothing, {});
    EXPECT_EQ(static_cast<std::size_t>(sums->at(0).requests), found.size());
    ledger.reset();
    auto database = Database::open(path_, milliseconds(20));
    auto check = database->prepare("PRAGMA integrity_check");
    ASSERT_TRUE(*check->step());
    EXPECT_EQ(check->text(0), "ok");
  }
}

}  // namespace
}  // namespace wasat::store
