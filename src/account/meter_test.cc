#include "account/meter.h"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace wasat::account {
namespace {

using namespace std::chrono_literals;

std::shared_ptr<const Limits> limits(std::string_view json) {
  const Result<Limits> parsed = Limits::parse(json);
  EXPECT_TRUE(parsed) << json;
  return std::make_shared<const Limits>(parsed.value_or(Limits()));
}

class MeterTest : public testing::Test {
 protected:
  // Noon of 2027-01-30 (UTC): tomorrow's tomorrow is another month.
  ManualClock clock{std::chrono::sys_days(std::chrono::year(2027) / 1 / 30) + 12h};
  Meter meter{clock};

  Result<std::unique_ptr<Reservation>> reserve(const std::shared_ptr<const Limits>& of,
                                               std::string_view token = "t") {
    auto made = std::make_unique<Reservation>();
    if (Result<> reserved = meter.reserve(token, of.get(), *made); !reserved) {
      return std::unexpected(std::move(reserved.error()));
    }
    return made;
  }
  bool pass(const std::shared_ptr<const Limits>& of, Amount used = {}) {
    auto reservation = reserve(of);
    if (!reservation || !(*reservation)->expect(used)) return false;
    (*reservation)->settle(used);
    return true;
  }
  Error refusal(const std::shared_ptr<const Limits>& of, Amount expected = {}) {
    auto reservation = reserve(of);
    if (!reservation) return reservation.error();
    const Result<> added = (*reservation)->expect(expected);
    return added ? internal_error("was let in") : added.error();
  }
};

TEST_F(MeterTest, CountsNothingForATokenWithoutLimits) {
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(pass(nullptr, {.input = 1 << 30}));
  EXPECT_FALSE(meter.knows("t"));
  EXPECT_TRUE(pass(limits(R"({"models":["x"]})")));
  EXPECT_FALSE(meter.knows("t"));
}

TEST_F(MeterTest, NoSixtySecondsHoldMoreRequestsThanAllowed) {
  const auto of = limits(R"({"requests_per_minute":3})");
  clock.advance(59'900ms);
  EXPECT_TRUE(pass(of));
  clock.advance(200ms);  // over the edge of a minute and of a second
  EXPECT_TRUE(pass(of));
  EXPECT_TRUE(pass(of));
  EXPECT_FALSE(pass(of));
  const Error error = refusal(of);
  EXPECT_EQ(error.kind, ErrorKind::kRateLimited);
  ASSERT_TRUE(error.retry_after);
  clock.advance(*error.retry_after - 1s);
  EXPECT_FALSE(pass(of));
  clock.advance(1s);
  EXPECT_TRUE(pass(of));
  EXPECT_FALSE(pass(of));
  clock.advance(61s);
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(pass(of));
  EXPECT_FALSE(pass(of));
}

// Against every request's own time, over hours of random steps.
TEST_F(MeterTest, TheSlidingMinuteIsStrictAndNeverLate) {
  const auto of = limits(R"({"requests_per_minute":20})");
  std::vector<Clock::Steady> passed;
  std::uint64_t state = 7;
  for (int i = 0; i < 20'000; ++i) {
    state = state * 6364136223846793005u + 1442695040888963407u;
    clock.advance(std::chrono::milliseconds((state >> 33) % 4000));
    const auto in_last = [&](std::chrono::milliseconds age) {
      return std::ranges::count_if(passed, [&](Clock::Steady t) { return clock.now() - t < age; });
    };
    const bool let_in = pass(of);
    if (let_in) {
      EXPECT_LT(in_last(60s), 20);
      passed.push_back(clock.now());
    } else {
      EXPECT_GE(in_last(61s), 20);
    }
    if (passed.size() > 200) passed.erase(passed.begin(), passed.begin() + 100);
  }
}

TEST_F(MeterTest, AWallClockThatJumpsDoesNotTouchTheMinute) {
  const auto of = limits(R"({"requests_per_minute":1})");
  EXPECT_TRUE(pass(of));
  clock.jump(10min);
  EXPECT_FALSE(pass(of));
  clock.jump(-20min);
  EXPECT_FALSE(pass(of));
  clock.advance(62s);
  EXPECT_TRUE(pass(of));
}

TEST_F(MeterTest, DaysAreThoseOfUtc) {
  const auto of = limits(R"({"requests_per_day":2})");
  EXPECT_TRUE(pass(of));
  EXPECT_TRUE(pass(of));
  const Error error = refusal(of);
  EXPECT_EQ(error.kind, ErrorKind::kQuotaExhausted);
  EXPECT_EQ(error.retry_after, std::optional<std::chrono::milliseconds>(12h));
  clock.advance(12h - 1ms);
  EXPECT_FALSE(pass(of));
  EXPECT_EQ(refusal(of).kind, ErrorKind::kRateLimited);  // a second is worth waiting for
  clock.advance(1ms);
  EXPECT_TRUE(pass(of));
}

TEST_F(MeterTest, ADayThatComesBackIsNotGivenTwice) {
  const auto of = limits(R"({"requests_per_day":2,"dollars_per_month":1})");
  EXPECT_TRUE(pass(of, {.cost = kDollar}));
  EXPECT_FALSE(pass(of));  // the month's budget
  clock.jump(72h);         // the machine's clock is wrong for a while
  EXPECT_TRUE(pass(of));
  clock.jump(-72h);
  EXPECT_FALSE(pass(of));
  EXPECT_EQ(meter.standing("t").requests_today, 1);
  EXPECT_EQ(meter.standing("t").cost_this_month, kDollar);
  clock.advance(48h);  // February
  EXPECT_TRUE(pass(of));
}

TEST_F(MeterTest, ConcurrencyIsGivenBackHoweverARequestEnds) {
  const auto of = limits(R"({"concurrency":2})");
  auto first = reserve(of);
  {
    auto second = reserve(of);
    ASSERT_TRUE(first && second);
    const Error error = refusal(of);
    EXPECT_EQ(error.kind, ErrorKind::kRateLimited);
    EXPECT_EQ(error.retry_after, std::optional<std::chrono::milliseconds>(1s));
    EXPECT_TRUE(reserve(of, "another"));
  }
  EXPECT_TRUE(reserve(of));
  EXPECT_EQ(meter.standing("t").under_way, 1);
  (*first)->settle({});
  (*first)->settle({});
  (*first)->give_back();
  EXPECT_EQ(meter.standing("t").under_way, 0);
}

TEST_F(MeterTest, AFailedRequestGivesBackWhatItReserved) {
  const auto of =
      limits(R"({"requests_per_minute":1,"requests_per_day":1,"input_tokens_per_minute":100,)"
             R"("input_tokens_per_day":100,"dollars_total":1})");
  for (int i = 0; i < 10; ++i) {
    auto reservation = reserve(of);
    ASSERT_TRUE(reservation) << i << reservation.error().detail;
    ASSERT_TRUE((*reservation)->expect({.input = 100, .cost = kDollar}));
    EXPECT_FALSE(reserve(of));
  }
  const Standing standing = meter.standing("t");
  EXPECT_EQ(standing.requests_this_minute, 0);
  EXPECT_EQ(standing.requests_today, 0);
  EXPECT_EQ(standing.input_this_minute, 0);
  EXPECT_EQ(standing.input_today, 0);
  EXPECT_EQ(standing.cost_total, 0);
}

TEST_F(MeterTest, TrueTokensTakeThePlaceOfTheExpectedOnes) {
  const auto of = limits(R"({"input_tokens_per_minute":1000})");
  auto reservation = reserve(of);
  ASSERT_TRUE(reservation && (*reservation)->expect({.input = 900}));
  EXPECT_FALSE(pass(of, {.input = 200}));
  (*reservation)->settle({.input = 300});
  EXPECT_EQ(meter.standing("t").input_this_minute, 300);
  EXPECT_TRUE(pass(of, {.input = 700}));
  const Error error = refusal(of, {.input = 1});
  EXPECT_EQ(error.kind, ErrorKind::kRateLimited);
  clock.advance(*error.retry_after);
  EXPECT_TRUE(pass(of, {.input = 1}));
  // What never fits is not worth trying again.
  const Error never = refusal(of, {.input = 1001});
  EXPECT_EQ(never.kind, ErrorKind::kQuotaExhausted);
  EXPECT_FALSE(never.retry_after);
}

TEST_F(MeterTest, WhatAnAnswerOfHoursUsedIsCountedWhereItBelongs) {
  const auto of = limits(R"({"input_tokens_per_minute":1000,"input_tokens_per_day":5000})");
  auto answer = reserve(of);
  ASSERT_TRUE(answer && (*answer)->expect({.input = 10}));
  auto session = reserve(of);  // whose use is not foreseen
  ASSERT_TRUE(session);
  clock.advance(13h);
  (*answer)->settle({.input = 1000});
  EXPECT_EQ(meter.standing("t").input_this_minute, 0);
  EXPECT_EQ(meter.standing("t").input_today, 0);
  (*session)->settle({.input = 800});
  EXPECT_EQ(meter.standing("t").input_this_minute, 800);
  EXPECT_EQ(meter.standing("t").input_today, 800);
  clock.jump(-13h);
  EXPECT_EQ(meter.standing("t").input_today, 1000);
}

TEST_F(MeterTest, ABudgetIsUsedUpToItsEnd) {
  const auto of = limits(R"({"dollars_per_day":1})");
  const Money half = kDollar / 2;
  auto first = reserve(of);
  ASSERT_TRUE(first && (*first)->expect({.cost = half}));
  auto second = reserve(of);
  ASSERT_TRUE(second && (*second)->expect({.cost = half}));
  // Nothing is spent yet, but all is promised: a matter of moments.
  const Error busy = refusal(of, {.cost = 1});
  EXPECT_EQ(busy.kind, ErrorKind::kRateLimited);
  EXPECT_EQ(busy.retry_after, std::optional<std::chrono::milliseconds>(1s));
  (*first)->settle({.cost = kDollar / 10});
  (*second)->give_back();
  EXPECT_EQ(meter.standing("t").cost_today, kDollar / 10);
  // More than is left, but it is the only one.
  auto last = reserve(of);
  ASSERT_TRUE(last && (*last)->expect({.cost = 2 * kDollar}));
  EXPECT_EQ(refusal(of, {.cost = 1}).kind, ErrorKind::kRateLimited);
  (*last)->settle({.cost = kDollar});
  const Error over = refusal(of);
  EXPECT_EQ(over.kind, ErrorKind::kQuotaExhausted);
  EXPECT_EQ(over.retry_after, std::optional<std::chrono::milliseconds>(12h));
  clock.advance(12h);
  EXPECT_TRUE(pass(of, {.cost = kDollar}));
}

TEST_F(MeterTest, ATotalIsNeverGivenAgain) {
  const auto of = limits(R"({"dollars_total":1})");
  EXPECT_TRUE(pass(of, {.cost = kDollar}));
  clock.advance(24h * 400);
  const Error over = refusal(of);
  EXPECT_EQ(over.kind, ErrorKind::kQuotaExhausted);
  EXPECT_FALSE(over.retry_after);
}

TEST_F(MeterTest, GoesOnFromWhatIsRestored) {
  const auto of = limits(R"({"requests_per_day":10,"dollars_per_month":5,"dollars_total":100})");
  meter.restore("t", {.requests_today = 9,
                      .input_today = 7,
                      .cost_today = 1,
                      .cost_this_month = 4 * kDollar,
                      .cost_total = 90 * kDollar});
  EXPECT_TRUE(meter.knows("t"));
  EXPECT_TRUE(pass(of, {.cost = kDollar}));
  EXPECT_FALSE(pass(of));
  clock.advance(24h * 3);
  EXPECT_TRUE(pass(of, {.cost = 9 * kDollar}));
  EXPECT_EQ(refusal(of).retry_after, std::nullopt);
}

// Bursts from several threads, some of which fail: never more than allowed, nothing leaks.
TEST_F(MeterTest, BurstsFromManyThreadsPassNoLimit) {
  const auto of = limits(R"({"requests_per_day":500,"concurrency":8,"input_tokens_per_day":40000,)"
                         R"("dollars_total":0.0003})");
  std::atomic<int> passed{0};
  std::atomic<int> under_way{0};
  std::atomic<int> most{0};
  std::atomic<Money> spent{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 8; ++t) {
      threads.emplace_back([&, t] {
        for (int i = 0; i < 2000; ++i) {
          auto first = reserve(of);
          if (!first || !(*first)->expect({.input = 100, .cost = 1000})) continue;
          const int now = ++under_way;
          int seen = most.load();
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          std::this_thread::yield();
          --under_way;
          if ((i + t) % 3 == 0) continue;  // failed: gives all of it back
          (*first)->settle({.input = 100, .cost = 1000});
          ++passed;
          spent += 1000;
        }
      });
    }
  }
  EXPECT_EQ(passed.load(), 300);  // the budget is the tightest
  EXPECT_EQ(spent.load(), 300'000);
  EXPECT_LE(most.load(), 8);
  const Standing standing = meter.standing("t");
  EXPECT_EQ(standing.under_way, 0);
  EXPECT_EQ(standing.requests_today, 300);
  EXPECT_EQ(standing.input_today, 30'000);
  EXPECT_EQ(standing.cost_total, 300'000);
}

}  // namespace
}  // namespace wasat::account
