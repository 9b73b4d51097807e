#include "gemini/quota_time.h"

#include <gtest/gtest.h>

namespace wasat::gemini {
namespace {

using namespace std::chrono_literals;

SystemTime at(std::string_view text) {
  const auto time = parse_timestamp(text);
  EXPECT_TRUE(time.has_value()) << text;
  return time.value_or(SystemTime());
}

TEST(QuotaTime, Durations) {
  EXPECT_EQ(parse_duration("34.4s"), 34400ms);
  EXPECT_EQ(parse_duration("34.074824224s"), 34075ms);
  EXPECT_EQ(parse_duration("900ms"), 900ms);
  EXPECT_EQ(parse_duration("373.801628ms"), 374ms);
  EXPECT_EQ(parse_duration("13h19m1.20964964s"), 13h + 19min + 1210ms);
  EXPECT_EQ(parse_duration("1h2m3s"), 1h + 2min + 3s);
  EXPECT_EQ(parse_duration("0s"), 0ms);
  EXPECT_EQ(parse_duration("2d"), 48h);
  EXPECT_EQ(parse_duration("99999999999999999999s"), 365 * 24h);
  for (const char* text : {"", "s", "12", "1.5", "-3s", "1h ", "3x", "ms", "1e3s", "nan", "s1"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(QuotaTime, DurationsInSentences) {
  EXPECT_EQ(duration_after("limit: 0\nPlease retry in 20.04466179s.", "please retry in"), 20045ms);
  EXPECT_EQ(duration_after("Please retry in 812.5ms.", "please retry in"), 813ms);
  EXPECT_EQ(duration_after("Your quota will reset after 1h2m3s.", "reset after"), 3723s);
  EXPECT_EQ(duration_after("Please retry in a while", "please retry in"), std::nullopt);
  EXPECT_EQ(duration_after("nothing", "please retry in"), std::nullopt);
  EXPECT_EQ(duration_after("please retry in", "please retry in"), std::nullopt);
}

TEST(QuotaTime, Timestamps) {
  EXPECT_EQ(at("1970-01-02T00:00:01Z").time_since_epoch(), 24h + 1s);
  EXPECT_EQ(at("2025-11-30T14:57:24Z"), at("2025-11-30T15:57:24.123+01:00"));
  EXPECT_EQ(at("2025-11-30T14:57:24Z"), at("2025-11-30T06:57:24-08:00"));
  for (const char* text :
       {"", "2025-11-30", "2025-13-30T14:57:24Z", "2025-02-30T00:00:00Z", "2025-11-30T14:57:24",
        "2025-11-30T14:57:24+1", "2025-11-30T99:57:24Z"}) {
    EXPECT_EQ(parse_timestamp(text), std::nullopt) << text;
  }
}

TEST(QuotaTime, DailyQuotasBeginAtMidnightInLosAngeles) {
  // Winter: UTC-8.
  EXPECT_EQ(next_pacific_midnight(at("2026-11-21T06:30:00Z")), at("2026-11-21T08:00:00Z"));
  EXPECT_EQ(next_pacific_midnight(at("2026-11-21T08:00:00Z")), at("2026-11-22T08:00:00Z"));
  // Summer: UTC-7.
  EXPECT_EQ(next_pacific_midnight(at("2026-07-04T06:59:59Z")), at("2026-07-04T07:00:00Z"));
  EXPECT_EQ(next_pacific_midnight(at("2026-07-04T07:00:00Z")), at("2026-07-05T07:00:00Z"));
  // The clock goes forward on 8 March 2026: that day has 23 hours.
  EXPECT_EQ(next_pacific_midnight(at("2026-03-08T07:59:59Z")), at("2026-03-08T08:00:00Z"));
  EXPECT_EQ(next_pacific_midnight(at("2026-03-08T09:00:00Z")), at("2026-03-09T07:00:00Z"));
  // And back on 1 November 2026: 25 hours.
  EXPECT_EQ(next_pacific_midnight(at("2026-11-01T06:59:59Z")), at("2026-11-01T07:00:00Z"));
  EXPECT_EQ(next_pacific_midnight(at("2026-11-01T07:00:00Z")), at("2026-11-02T08:00:00Z"));
  EXPECT_EQ(next_pacific_midnight(at("2026-11-01T12:00:00Z")), at("2026-11-02T08:00:00Z"));
  // Across a year's end.
  EXPECT_EQ(next_pacific_midnight(at("2026-12-31T23:00:00Z")), at("2027-01-01T08:00:00Z"));
}

}  // namespace
}  // namespace wasat::gemini
