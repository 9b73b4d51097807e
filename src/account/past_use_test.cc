#include "account/past_use.h"

#include <gtest/gtest.h>

namespace wasat::account {
namespace {

using namespace std::chrono_literals;

// Answers from a list of entries, as the real one does from its sums.
class FakeLedger final : public store::Ledger {
 public:
  struct Entry {
    store::Time time;
    std::string token;
    std::int64_t input;
    std::int64_t cost;
    bool failed = false;
  };
  std::vector<Entry> entries;
  bool broken = false;

  void append(std::size_t, const store::LedgerNote&) override {}
  bool enabled() const override { return true; }
  Result<store::LedgerPage> find(const store::LedgerFilter&, const std::string&,
                                 std::size_t) override {
    return store::LedgerPage();
  }
  Result<std::optional<store::LedgerEntry>> read(const std::string&) override {
    return std::nullopt;
  }
  Result<std::vector<store::UsageSum>> usage(store::Time since, store::Time until,
                                             store::UsageStep step, store::UsageKey key,
                                             const std::vector<std::string>& only) override {
    EXPECT_EQ(step, store::UsageStep::kWhole);
    EXPECT_EQ(key, store::UsageKey::kToken);
    if (broken) return fail(internal_error("the disk is gone"));
    std::map<std::string, store::UsageSum> sums;
    for (const Entry& entry : entries) {
      if (entry.time < since || entry.time >= until) continue;
      if (!only.empty() && std::ranges::find(only, entry.token) == only.end()) continue;
      store::UsageSum& sum = sums[entry.token];
      sum.key = entry.token;
      ++sum.requests;
      sum.failures += entry.failed ? 1 : 0;
      sum.input += entry.input;
      sum.cost += entry.cost;
    }
    std::vector<store::UsageSum> all;
    for (const auto& [_, sum] : sums) all.push_back(sum);
    return all;
  }
  Result<std::int64_t> remove(const store::LedgerFilter&) override { return 0; }
  void set_limits(const store::LedgerLimits&) override {}
  store::LedgerStatus status() const override { return {}; }
  void stop() override {}
};

TEST(PastUse, DayMonthAndTotalGoOnAfterARestart) {
  const Clock::Wall now = std::chrono::sys_days(std::chrono::year(2027) / 3 / 2) + 5h;
  ManualClock clock(now);
  Meter meter(clock);
  FakeLedger ledger;
  const store::Time today = store::to_time(now);
  ledger.entries = {
      {today - 1h, "a", 10, 100},  {today - 2h, "a", 20, 200},       {today - 3h, "a", 0, 0, true},
      {today - 10h, "a", 40, 400}, {today - 24h * 20, "a", 80, 800}, {today - 24h * 400, "b", 1, 7},
      {today - 1h, "", 1, 1}};
  ASSERT_TRUE(restore_past_use(meter, ledger, now));
  const Standing a = meter.standing("a");
  EXPECT_EQ(a.requests_today, 2);
  EXPECT_EQ(a.input_today, 30);
  EXPECT_EQ(a.cost_today, 300);
  EXPECT_EQ(a.cost_this_month, 700);
  EXPECT_EQ(a.cost_total, 1500);
  EXPECT_EQ(a.under_way, 0);
  EXPECT_EQ(meter.standing("b").cost_total, 7);
  EXPECT_EQ(meter.standing("b").requests_today, 0);
  // Once more: nothing is counted twice.
  ASSERT_TRUE(restore_past_use(meter, ledger, now));
  EXPECT_EQ(meter.standing("a").cost_total, 1500);
}

TEST(PastUse, OfOneTokenAlone) {
  ManualClock clock;
  Meter meter(clock);
  FakeLedger ledger;
  const store::Time today = store::to_time(clock.wall());
  ledger.entries = {{today, "a", 10, 100}, {today, "b", 10, 100}};
  ASSERT_TRUE(restore_past_use(meter, ledger, clock.wall(), "b"));
  EXPECT_FALSE(meter.knows("a"));
  EXPECT_TRUE(meter.knows("b"));
}

TEST(PastUse, ALedgerThatCannotBeReadIsAnError) {
  ManualClock clock;
  Meter meter(clock);
  FakeLedger ledger;
  ledger.broken = true;
  EXPECT_FALSE(restore_past_use(meter, ledger, clock.wall()));
}

}  // namespace
}  // namespace wasat::account
