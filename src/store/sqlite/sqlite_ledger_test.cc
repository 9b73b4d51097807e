#include "store/sqlite/sqlite_ledger.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <functional>
#include <thread>

#include "base/temp_folder.h"
#include "store/keys_test.h"
#include "store/ledger/sums.h"

namespace wasat::store {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

class SqliteLedgerTest : public testing::Test {
 protected:
  SqliteLedger::Options options() {
    return {.path = path_,
            .patience = milliseconds(20),
            .interval = milliseconds(5),
            .retry = milliseconds(5),
            .tidying = milliseconds(5)};
  }
  std::unique_ptr<SqliteLedger> must_open() { return must_open(options()); }
  std::unique_ptr<SqliteLedger> must_open(SqliteLedger::Options with) {
    auto ledger = SqliteLedger::open(std::move(with), keys(), clock_);
    if (!ledger) ADD_FAILURE() << ledger.error().detail;
    return ledger ? std::move(*ledger) : nullptr;
  }
  // One that was written to and closed: a reader of what is on disk.
  std::unique_ptr<SqliteLedger> reopened(std::unique_ptr<SqliteLedger>& ledger) {
    ledger->stop();
    ledger.reset();
    return must_open();
  }
  static void wait_until(const std::function<bool()>& done) {
    const auto give_up = std::chrono::steady_clock::now() + seconds(20);
    while (!done() && std::chrono::steady_clock::now() < give_up) {
      std::this_thread::sleep_for(milliseconds(1));
    }
    EXPECT_TRUE(done());
  }
  static void wait_written(const SqliteLedger& ledger, std::uint64_t count) {
    wait_until([&] { return ledger.status().written >= count; });
  }

  LedgerNote note(std::string_view id) {
    return {.time = to_time(clock_.wall()),
            .id = id,
            .token_id = "t1",
            .client = "192.0.2.7",
            .dialect = "gemini",
            .method = "generateContent",
            .model = "flash",
            .upstream_model = "gemini-2.5-flash",
            .provider = "api_key",
            .credential_id = "c1",
            .outcome = "ok",
            .attempts = 1,
            .status = 200,
            .input = 10,
            .cached = 4,
            .output = 5,
            .thoughts = 3,
            .cost = 250,
            .first_byte_us = 1000,
            .duration_us = 2000,
            .bytes_in = 300,
            .bytes_out = 400};
  }
  static std::vector<std::string> ids(const LedgerPage& page) {
    std::vector<std::string> found;
    for (const LedgerEntry& entry : page.entries) found.push_back(entry.id);
    return found;
  }
  static LedgerPage must_find(SqliteLedger& ledger, const LedgerFilter& filter,
                              const std::string& next = "", std::size_t limit = 100) {
    auto page = ledger.find(filter, next, limit);
    if (!page) ADD_FAILURE() << page.error().detail;
    return page ? std::move(*page) : LedgerPage{};
  }
  static std::vector<UsageSum> must_sum(SqliteLedger& ledger, Time since, Time until,
                                        UsageStep step, UsageKey key = UsageKey::kNothing,
                                        const std::vector<std::string>& only = {}) {
    auto sums = ledger.usage(since, until, step, key, only);
    if (!sums) ADD_FAILURE() << sums.error().detail;
    return sums ? std::move(*sums) : std::vector<UsageSum>{};
  }

  ManualClock clock_;
  TempFolder temp_;
  std::string path_ = temp_.file("ledger.db");
};

TEST_F(SqliteLedgerTest, GivesBackWhatItWasGiven) {
  auto ledger = must_open();
  LedgerNote given = note("exchange-1");
  given.outcome = "rate_limited";
  given.error = "the upstream says: quota";
  given.status = 429;
  given.attempts = 3;
  ledger->append(0, given);
  ledger = reopened(ledger);
  const LedgerPage page = must_find(*ledger, {});
  ASSERT_EQ(page.entries.size(), 1u);
  EXPECT_EQ(page.next, "");
  const LedgerEntry& entry = page.entries[0];
  EXPECT_EQ(entry.time, given.time);
  EXPECT_EQ(entry.id, "exchange-1");
  EXPECT_EQ(entry.token_id, "t1");
  EXPECT_EQ(entry.client, "192.0.2.7");
  EXPECT_EQ(entry.dialect, "gemini");
  EXPECT_EQ(entry.method, "generateContent");
  EXPECT_EQ(entry.model, "flash");
  EXPECT_EQ(entry.upstream_model, "gemini-2.5-flash");
  EXPECT_EQ(entry.provider, "api_key");
  EXPECT_EQ(entry.credential_id, "c1");
  EXPECT_EQ(entry.outcome, "rate_limited");
  EXPECT_EQ(entry.error, "the upstream says: quota");
  EXPECT_EQ(entry.attempts, 3);
  EXPECT_EQ(entry.status, 429);
  EXPECT_EQ(entry.input, 10);
  EXPECT_EQ(entry.cached, 4);
  EXPECT_EQ(entry.output, 5);
  EXPECT_EQ(entry.thoughts, 3);
  EXPECT_EQ(entry.cost, 250);
  EXPECT_EQ(entry.first_byte_us, 1000);
  EXPECT_EQ(entry.duration_us, 2000);
  EXPECT_EQ(entry.bytes_in, 300);
  EXPECT_EQ(entry.bytes_out, 400);
  EXPECT_EQ(mode_of(path_), 0600u);
}

TEST_F(SqliteLedgerTest, PagesGoBackInTimeAndMissNothing) {
  auto ledger = must_open();
  std::vector<std::string> expected;
  for (int i = 0; i < 5000; ++i) {
    const std::string id = "x" + std::to_string(i);
    ledger->append(0, note(id));
    clock_.advance(milliseconds(1));
    expected.insert(expected.begin(), id);
  }
  ledger = reopened(ledger);
  std::vector<std::string> all;
  std::string next;
  do {
    const LedgerPage page = must_find(*ledger, {}, next, 999);
    EXPECT_LE(page.entries.size(), 999u);
    for (const std::string& id : ids(page)) all.push_back(id);
    next = page.next;
  } while (!next.empty());
  EXPECT_EQ(all, expected);
  EXPECT_FALSE(ledger->find({}, "nonsense", 10).has_value());
}

// Each entry is a transaction, and so a block of its own, until they are joined.
TEST_F(SqliteLedgerTest, ManySmallTransactionsKeepTheirEntriesAndCursors) {
  LedgerWriter writer = *LedgerWriter::open(path_, milliseconds(20), keys(), note("").time);
  std::vector<std::string> expected;
  std::string cursor;
  auto ledger = must_open();
  for (int i = 0; i < 300; ++i) {
    const std::string id = "x" + std::to_string(i);
    NoteBatch each;
    each.add(note(id));
    ASSERT_TRUE(writer.write(each, {}).has_value());
    expected.insert(expected.begin(), id);
    if (i == 100) cursor = must_find(*ledger, {}, "", 20).next;  // before they are joined
    if (i == 150) {
      writer = *LedgerWriter::open(path_, milliseconds(20), keys(), note("").time);
    }
  }
  EXPECT_EQ(ids(must_find(*ledger, {}, "", 1000)), expected);
  const auto from = std::ranges::find(expected, "x80");
  EXPECT_EQ(ids(must_find(*ledger, {}, cursor, 1000)),
            std::vector<std::string>(from, expected.end()));
  auto database = Database::open(path_, milliseconds(20));
  EXPECT_LT(*database->number("SELECT COUNT(*) FROM blocks"), 80);
}

TEST_F(SqliteLedgerTest, FiltersHoldTogether) {
  auto ledger = must_open();
  const Time begun = to_time(clock_.wall());
  const auto add = [&](std::string_view id, auto change) {
    LedgerNote each = note(id);
    change(each);
    ledger->append(0, each);
    clock_.advance(seconds(1));
  };
  add("plain", [](LedgerNote&) {});
  add("token", [](LedgerNote& n) { n.token_id = "t2"; });
  add("credential", [](LedgerNote& n) { n.credential_id = "c2"; });
  add("model", [](LedgerNote& n) { n.upstream_model = "gemini-2.5-pro"; });
  add("failed", [](LedgerNote& n) {
    n.outcome = "rate_limited";
    n.status = 429;
    n.error = "Resource has been EXHAUSTED";
  });
  add("left", [](LedgerNote& n) {
    n.outcome = "client_left";
    n.status = 499;
  });
  add("failed-t2", [](LedgerNote& n) {
    n.token_id = "t2";
    n.outcome = "timeout";
    n.status = 504;
    n.dialect = "anthropic";
    n.provider = "relay";
  });
  ledger = reopened(ledger);
  using Ids = std::vector<std::string>;
  const auto found = [&](const LedgerFilter& filter) { return ids(must_find(*ledger, filter)); };
  EXPECT_EQ(found({.token_id = "t2"}), (Ids{"failed-t2", "token"}));
  EXPECT_EQ(found({.token_id = "t2", .outcome = "failed"}), (Ids{"failed-t2"}));
  EXPECT_EQ(found({.outcome = "failed"}), (Ids{"failed-t2", "failed"}));
  EXPECT_EQ(found({.outcome = "client_left"}), (Ids{"left"}));
  EXPECT_EQ(found({.credential_id = "c2"}), (Ids{"credential"}));
  EXPECT_EQ(found({.model = "gemini-2.5-pro"}), (Ids{"model"}));
  EXPECT_EQ(found({.model = "c2"}), (Ids{}));  // a credential's name is no model
  EXPECT_EQ(found({.provider = "relay"}), (Ids{"failed-t2"}));
  EXPECT_EQ(found({.dialect = "anthropic"}), (Ids{"failed-t2"}));
  EXPECT_EQ(found({.status = 429}), (Ids{"failed"}));
  EXPECT_EQ(found({.text = "exhausted"}), (Ids{"failed"}));
  EXPECT_EQ(found({.text = "credential"}), (Ids{"credential"}));  // an id
  EXPECT_EQ(found({.text = "credentia"}), (Ids{}));
  EXPECT_EQ(found({.since = begun + seconds(1), .until = begun + seconds(3)}),
            (Ids{"credential", "token"}));
  EXPECT_EQ(ledger->read("left")->value().outcome, "client_left");
  EXPECT_FALSE(ledger->read("nobody")->has_value());
}

TEST_F(SqliteLedgerTest, ASearchStopsAtItsBoundAndGoesOnFromThere) {
  auto ledger = must_open();
  std::vector<std::string> needles;
  for (int i = 0; i < 10'000; ++i) {
    const std::string id = "x" + std::to_string(i);
    LedgerNote each = note(id);
    each.outcome = "timeout";
    each.error = i % 499 == 17 ? "needle" : "hay";
    if (i % 499 == 17) needles.insert(needles.begin(), id);
    ledger->append(0, each);
  }
  ledger->stop();
  SqliteLedger::Options bounded = options();
  bounded.search.entries_read = 1500;
  ledger = must_open(bounded);
  // In every block, and each is found once.
  std::vector<std::string> found;
  std::string next;
  int pages = 0;
  do {
    const LedgerPage page = must_find(*ledger, {.text = "needle"}, next);
    for (const std::string& id : ids(page)) found.push_back(id);
    next = page.next;
    ++pages;
  } while (!next.empty() && pages < 100);
  EXPECT_EQ(found, needles);
  EXPECT_GT(pages, 3);
  EXPECT_LT(pages, 12);

  ledger->stop();
  bounded.search = {.blocks_passed = 3};
  ledger = must_open(bounded);
  pages = 0;
  do {  // what is in no block
    const LedgerPage page = must_find(*ledger, {.token_id = "nobody"}, next);
    EXPECT_TRUE(page.entries.empty());
    next = page.next;
    ++pages;
  } while (!next.empty() && pages < 100);
  EXPECT_GT(pages, 2);
  EXPECT_LT(pages, 12);
  found.clear();
  do {
    const LedgerPage page = must_find(*ledger, {.text = "needle"}, next);
    for (const std::string& id : ids(page)) found.push_back(id);
    next = page.next;
  } while (!next.empty());
  EXPECT_EQ(found, needles);
}

TEST_F(SqliteLedgerTest, BodiesAreSealedAndComeWithTheirEntryAlone) {
  auto ledger = must_open();
  LedgerNote with = note("with");
  with.request_body = "what was SECRETLY asked";
  with.response_body = "what was SECRETLY answered";
  ledger->append(0, note("without"));
  ledger->append(0, with);
  ledger->stop();
  const std::string bytes = read_file(path_) + read_file(path_ + "-wal");
  EXPECT_EQ(bytes.find("SECRETLY"), std::string::npos);
  ledger = must_open();
  EXPECT_EQ(ledger->read("with")->value().request_body, "what was SECRETLY asked");
  EXPECT_EQ(ledger->read("with")->value().response_body, "what was SECRETLY answered");
  EXPECT_EQ(ledger->read("without")->value().request_body, "");
  EXPECT_EQ(must_find(*ledger, {}).entries[0].request_body, "");
  ASSERT_EQ(ledger->remove({.text = "with"}), 1);
  auto database = Database::open(path_, milliseconds(20));
  EXPECT_EQ(database->number("SELECT COUNT(*) FROM bodies"), 0);
}

TEST_F(SqliteLedgerTest, SumsByEveryStepAndKey) {
  const Time noon = step_start(to_time(clock_.wall()), UsageStep::kDay) + hours(12);
  clock_.jump(noon - to_time(clock_.wall()));
  auto ledger = must_open();
  for (int minute = 0; minute < 90; ++minute) {
    ledger->append(0, note("a" + std::to_string(minute)));
    const std::string id = "b" + std::to_string(minute);
    LedgerNote failed = note(id);
    failed.token_id = "t2";
    failed.outcome = "timeout";
    failed.first_byte_us = 0;
    ledger->append(0, failed);
    clock_.advance(minutes(1));
  }
  LedgerNote unknown = note("unknown");
  unknown.outcome = "model_not_found";
  unknown.upstream_model = "made-up";
  ledger->append(0, unknown);
  ledger = reopened(ledger);

  const auto by_minute =
      must_sum(*ledger, noon + minutes(10), noon + minutes(13), UsageStep::kMinute);
  ASSERT_EQ(by_minute.size(), 3u);
  EXPECT_EQ(by_minute[0].from, noon + minutes(10));
  EXPECT_EQ(by_minute[0].requests, 2);
  EXPECT_EQ(by_minute[0].failures, 1);
  EXPECT_EQ(by_minute[0].input, 20);
  EXPECT_EQ(by_minute[0].first_bytes, 1);
  EXPECT_EQ(by_minute[0].first_byte_us, 1000);
  EXPECT_EQ(by_minute[0].duration_us, 4000);

  const auto by_hour =
      must_sum(*ledger, noon + minutes(59), noon + hours(2), UsageStep::kHour, UsageKey::kToken);
  ASSERT_EQ(by_hour.size(), 4u);
  EXPECT_EQ(by_hour[0].key, "t1");
  EXPECT_EQ(by_hour[0].requests, 60);
  EXPECT_EQ(by_hour[3].key, "t2");
  EXPECT_EQ(by_hour[3].from, noon + hours(1));
  EXPECT_EQ(by_hour[3].requests, 30);
  EXPECT_EQ(by_hour[3].failures, 30);

  const auto of_one = must_sum(*ledger, noon, noon + hours(2), UsageStep::kHour, UsageKey::kToken,
                               {"t2", "nobody"});
  ASSERT_EQ(of_one.size(), 2u);
  EXPECT_EQ(of_one[0].key, "t2");
  EXPECT_EQ(of_one[0].requests, 60);
  EXPECT_EQ(of_one[1].from, noon + hours(1));

  EXPECT_EQ(must_sum(*ledger, noon, noon + hours(2), UsageStep::kDay)[0].requests, 181);
  const auto models =
      must_sum(*ledger, noon - hours(24), noon + hours(24), UsageStep::kWhole, UsageKey::kModel);
  ASSERT_EQ(models.size(), 1u);  // what a client made up is no key
  EXPECT_EQ(models[0].key, "gemini-2.5-flash");
  EXPECT_EQ(models[0].requests, 180);
  // From the middle of an hour to the middle of another.
  EXPECT_EQ(
      must_sum(*ledger, noon + minutes(30), noon + minutes(80), UsageStep::kWhole)[0].requests,
      100);
}

TEST_F(SqliteLedgerTest, AWholeOfManyDaysIsExactToTheMinuteAtItsNewEnd) {
  const Time start = to_time(clock_.wall());
  auto ledger = must_open();
  const int hours_long = 24 * 40;
  for (int i = 0; i < hours_long; ++i) {
    ledger->append(0, note("x"));
    clock_.advance(hours(1));
  }
  wait_written(*ledger, static_cast<std::uint64_t>(hours_long));
  const Time now = to_time(clock_.wall());
  EXPECT_EQ(must_sum(*ledger, start, now, UsageStep::kWhole)[0].requests, hours_long);
  EXPECT_EQ(must_sum(*ledger, now - hours(24 * 30), now, UsageStep::kWhole)[0].requests, 24 * 30);
  EXPECT_EQ(must_sum(*ledger, now - hours(5), now, UsageStep::kWhole)[0].requests, 5);
}

TEST_F(SqliteLedgerTest, SumsOfWhatIsOverBecomeBlocksAndLateOnesJoinThem) {
  const Time noon = step_start(to_time(clock_.wall()), UsageStep::kDay) + hours(12);
  clock_.jump(noon - to_time(clock_.wall()));
  auto ledger = must_open();
  const auto rows_of = [&](UsageStep step) {
    auto database = Database::open(path_, milliseconds(20));
    return *database->number("SELECT COUNT(*) FROM sums WHERE step = " +
                             std::to_string(static_cast<int>(step)));
  };
  const auto expect_requests = [&](std::int64_t of_t1, UsageStep step) {
    const auto sums = must_sum(*ledger, noon, noon + minutes(1), step, UsageKey::kToken);
    ASSERT_EQ(sums.size(), 2u);
    EXPECT_EQ(sums[0].key, "t1");
    EXPECT_EQ(sums[0].requests, of_t1);
    EXPECT_EQ(sums[0].cost, of_t1 * 250);
    EXPECT_EQ(sums[0].duration_us, of_t1 * 2000);
    EXPECT_EQ(sums[1].key, "t2");
    EXPECT_EQ(sums[1].requests, 1);
  };
  LedgerNote other = note("b");
  other.token_id = "t2";
  ledger->append(0, note("a"));
  ledger->append(0, other);
  wait_written(*ledger, 2);
  expect_requests(1, UsageStep::kMinute);
  clock_.advance(minutes(3));
  wait_until([&] { return rows_of(UsageStep::kMinute) == 0; });
  EXPECT_GT(rows_of(UsageStep::kHour), 0) << "it goes on";
  expect_requests(1, UsageStep::kMinute);

  clock_.jump(-minutes(3));
  ledger->append(0, note("late"));
  wait_written(*ledger, 3);
  expect_requests(2, UsageStep::kMinute);  // of a block and a row
  clock_.jump(hours(13));
  wait_until([&] {
    return rows_of(UsageStep::kMinute) + rows_of(UsageStep::kHour) + rows_of(UsageStep::kDay) == 0;
  });
  for (const UsageStep step : {UsageStep::kMinute, UsageStep::kHour, UsageStep::kDay}) {
    expect_requests(2, step);
  }
  EXPECT_EQ(must_sum(*ledger, noon, to_time(clock_.wall()), UsageStep::kWhole)[0].requests, 3);
}

TEST_F(SqliteLedgerTest, AClockThatJumpsBackLosesAndDoublesNothing) {
  auto ledger = must_open();
  const Time begun = to_time(clock_.wall());
  for (int i = 0; i < 100; ++i) {
    ledger->append(0, note("x" + std::to_string(i)));
    if (i % 10 == 9) wait_written(*ledger, static_cast<std::uint64_t>(i) + 1);
    // Half an hour on, two hours back.
    if (i % 7 == 6) clock_.jump(-hours(2));
    clock_.advance(minutes(10));
  }
  ledger = reopened(ledger);
  for (const UsageStep step : {UsageStep::kMinute, UsageStep::kHour, UsageStep::kDay}) {
    std::int64_t requests = 0;
    for (const UsageSum& sum : must_sum(*ledger, begun - hours(48), begun + hours(48), step)) {
      requests += sum.requests;
    }
    EXPECT_EQ(requests, 100) << static_cast<int>(step);
  }
  EXPECT_EQ(must_find(*ledger, {}, "", 1000).entries.size(), 100u);
}

TEST_F(SqliteLedgerTest, OldEntriesAndSumsGo) {
  SqliteLedger::Options with = options();
  with.limits.most_age = hours(48);
  auto ledger = must_open(with);
  const Time begun = to_time(clock_.wall());
  for (int i = 0; i < 3000; ++i) ledger->append(0, note("old"));
  wait_written(*ledger, 3000);
  clock_.advance(hours(47));
  ledger->append(0, note("young"));
  wait_written(*ledger, 3001);
  EXPECT_EQ(must_find(*ledger, {.text = "old"}, "", 1).entries.size(), 1u);
  clock_.advance(hours(2));
  wait_until([&] { return must_find(*ledger, {}, "", 10).entries.size() == 1; });
  EXPECT_EQ(ids(must_find(*ledger, {})), (std::vector<std::string>{"young"}));
  wait_until(
      [&] { return must_sum(*ledger, begun, begun + hours(1), UsageStep::kMinute).empty(); });
  EXPECT_EQ(must_sum(*ledger, begun, begun + hours(1), UsageStep::kHour)[0].requests, 3000);
  clock_.advance(hours(24 * 93));
  wait_until([&] { return must_sum(*ledger, begun, begun + hours(1), UsageStep::kHour).empty(); });
  EXPECT_EQ(must_sum(*ledger, begun, begun + hours(1), UsageStep::kDay)[0].requests, 3000);
}

TEST_F(SqliteLedgerTest, TheOldestGoWhenTheFileIsTooLargeAndItShrinks) {
  auto ledger = must_open();
  std::string error(2000, 'e');
  for (int i = 0; i < 20'000; ++i) {
    const std::string id = "x" + std::to_string(i);
    error.replace(0, id.size(), id);  // no two are the same
    LedgerNote each = note(id);
    each.error = error;
    ledger->append(0, each);
    if (i % 500 == 499) wait_written(*ledger, static_cast<std::uint64_t>(i) + 1);
  }
  wait_until([&] { return ledger->status().bytes > 30u << 20; });
  ledger->set_limits({.most_bytes = 4u << 20});
  wait_until([&] { return ledger->status().bytes < 4u << 20; });
  const LedgerPage page = must_find(*ledger, {}, "", 10);
  EXPECT_EQ(page.entries[0].id, "x19999");
  EXPECT_FALSE(ledger->read("x0")->has_value());
  auto database = Database::open(path_, milliseconds(20));
  wait_until([&] { return *database->number("PRAGMA page_count") < 7000; });
}

TEST_F(SqliteLedgerTest, WhatIsToldToGoGoes) {
  auto ledger = must_open();
  for (int i = 0; i < 3000; ++i) {
    const std::string id = "x" + std::to_string(i);
    LedgerNote each = note(id);
    if (i % 3 == 0) each.token_id = "t2";
    ledger->append(0, each);
  }
  wait_written(*ledger, 3000);
  EXPECT_EQ(ledger->remove({.token_id = "t2"}), 1000);
  EXPECT_TRUE(must_find(*ledger, {.token_id = "t2"}).entries.empty());
  EXPECT_EQ(must_find(*ledger, {}, "", 1000).entries.size(), 1000u);
  EXPECT_EQ(ledger->remove({}), 2000);
  EXPECT_TRUE(must_find(*ledger, {}).entries.empty());
  ledger->append(0, note("later"));
  wait_written(*ledger, 3001);
  EXPECT_EQ(ids(must_find(*ledger, {})), (std::vector<std::string>{"later"}));
}

TEST_F(SqliteLedgerTest, LanesOfManyThreadsBecomeOneOrder) {
  SqliteLedger::Options with = options();
  with.lanes = 4;
  with.lane_bytes = 1u << 17;  // they wrap many times
  auto ledger = must_open(with);
  std::vector<std::thread> workers;
  for (std::size_t lane = 0; lane < 4; ++lane) {
    workers.emplace_back([&, lane] {
      for (int i = 0; i < 5000; ++i) {
        const std::string id = std::to_string(lane) + "-" + std::to_string(i);
        ledger->append(lane, note(id));
        while (i % 50 == 49 && ledger->status().waiting > 150) std::this_thread::yield();
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  ledger->stop();
  const LedgerStatus status = ledger->status();
  EXPECT_EQ(status.written, 20'000u);
  EXPECT_EQ(status.dropped, 0u);
  EXPECT_EQ(status.waiting, 0u);
  ledger = must_open();
  int expected = 5000;
  std::string next;
  do {  // each lane in its own order
    const LedgerPage page = must_find(*ledger, {}, next, 1000);
    for (const std::string& id : ids(page)) {
      if (id.starts_with("2-")) EXPECT_EQ(id, "2-" + std::to_string(--expected));
    }
    next = page.next;
  } while (!next.empty());
  EXPECT_EQ(expected, 0);
}

TEST_F(SqliteLedgerTest, WhatDoesNotFitIsCounted) {
  SqliteLedger::Options with = options();
  with.interval = hours(1);
  with.lane_bytes = 1u << 12;
  auto ledger = must_open(with);
  for (int i = 0; i < 100; ++i) ledger->append(0, note("x"));
  const LedgerStatus status = ledger->status();
  EXPECT_GT(status.waiting, 5u);
  EXPECT_EQ(status.waiting + status.dropped, 100u);
  ledger->stop();
  EXPECT_EQ(ledger->status().written, status.waiting);
}

TEST_F(SqliteLedgerTest, ADisabledLedgerTakesNothingAndIsRead) {
  auto ledger = must_open();
  ledger->append(0, note("x"));
  wait_written(*ledger, 1);
  ledger->set_limits({.enabled = false});
  EXPECT_FALSE(ledger->enabled());
  ledger->append(0, note("y"));
  ledger->set_limits({.enabled = true});
  ledger->append(0, note("z"));
  wait_written(*ledger, 2);
  EXPECT_EQ(ids(must_find(*ledger, {})), (std::vector<std::string>{"z", "x"}));
}

}  // namespace
}  // namespace wasat::store
