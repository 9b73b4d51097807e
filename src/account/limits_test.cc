#include "account/limits.h"

#include <gtest/gtest.h>

namespace wasat::account {
namespace {

TEST(Limits, AnEmptyTextLimitsNothing) {
  for (const char* text : {"", " \n", "{}", R"({"models":null,"requests_per_day":null})"}) {
    const Result<Limits> limits = Limits::parse(text);
    ASSERT_TRUE(limits) << text;
    EXPECT_EQ(*limits, Limits()) << text;
    EXPECT_EQ(limits->text(), "");
    EXPECT_FALSE(limits->counts());
  }
}

TEST(Limits, ReadsBackWhatItWrites) {
  const std::string_view text =
      R"({"models":["gemini-2.5-*","x"],"dialects":["openai_chat","live"],"requests_per_minute":60,)"
      R"("requests_per_day":1000,"input_tokens_per_minute":250000,"input_tokens_per_day":5000000,)"
      R"("concurrency":4,"dollars_per_day":1.5,"dollars_per_month":20,"dollars_total":0.000000001,)"
      R"("log_bodies":true})";
  const Result<Limits> limits = Limits::parse(text);
  ASSERT_TRUE(limits) << limits.error().detail;
  EXPECT_EQ(limits->requests_per_minute, 60);
  EXPECT_EQ(limits->requests_per_day, 1000);
  EXPECT_EQ(limits->input_tokens_per_minute, 250'000);
  EXPECT_EQ(limits->input_tokens_per_day, 5'000'000);
  EXPECT_EQ(limits->concurrency, 4);
  EXPECT_EQ(limits->cost_per_day, 1'500'000'000);
  EXPECT_EQ(limits->cost_per_month, 20 * kDollar);
  EXPECT_EQ(limits->cost_total, 1);
  EXPECT_TRUE(limits->log_bodies);
  EXPECT_TRUE(limits->counts());
  const Result<Limits> again = Limits::parse(limits->text());
  ASSERT_TRUE(again) << limits->text();
  EXPECT_EQ(*again, *limits);
}

TEST(Limits, SaysWhichMemberIsWrong) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"requests_per_minute":0})", "requests_per_minute"},
      {R"({"requests_per_day":-1})", "requests_per_day"},
      {R"({"requests_per_day":1.5})", "requests_per_day"},
      {R"({"requests_per_day":"10"})", "requests_per_day"},
      {R"({"input_tokens_per_day":1e30})", "input_tokens_per_day"},
      {R"({"concurrency":true})", "concurrency"},
      {R"({"dollars_per_day":0})", "dollars_per_day"},
      {R"({"dollars_total":"1"})", "dollars_total"},
      {R"({"dollars_per_month":1e300})", "dollars_per_month"},
      {R"({"models":"gemini-*"})", "models"},
      {R"({"models":[1]})", "models"},
      {R"({"models":[""]})", "models"},
      {R"({"dialects":["telnet"]})", "dialects"},
      {R"({"log_bodies":1})", "log_bodies"},
      {R"({"request_per_day":1})", "request_per_day"},
      {"[]", ""},
      {"{", ""},
      {"no", ""},
  };
  for (const auto& [text, member] : cases) {
    const Result<Limits> limits = Limits::parse(text);
    ASSERT_FALSE(limits) << text;
    EXPECT_EQ(limits.error().kind, ErrorKind::kInvalidRequest);
    EXPECT_EQ(limits.error().param, member) << text;
  }
}

TEST(Limits, AllowsModelsByGlobAndDialectsByName) {
  const Limits limits =
      Limits::parse(R"({"models":["gemini-2.5-flash*"],"dialects":["gemini"]})").value_or(Limits());
  EXPECT_TRUE(limits.allows_model("gemini-2.5-flash"));
  EXPECT_TRUE(limits.allows_model("gemini-2.5-flash-lite"));
  EXPECT_FALSE(limits.allows_model("gemini-2.5-pro"));
  EXPECT_FALSE(limits.allows_model(""));
  EXPECT_TRUE(limits.allows_dialect("gemini"));
  EXPECT_FALSE(limits.allows_dialect("anthropic"));
  EXPECT_FALSE(limits.counts());
  EXPECT_TRUE(Limits().allows_model("anything"));
  EXPECT_TRUE(Limits().allows_dialect("anthropic"));
}

}  // namespace
}  // namespace wasat::account
