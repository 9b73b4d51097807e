#include "app/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wasat::app {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(SplitList, TakesWhatPeopleWrite) {
  for (const char* text : {"a,b,c", "a b c", "a\nb\nc\n", " a ,\n\"b\"\t'c' ",
                           "[\"a\", \"b\", \"c\"]", "a,,b;c,", "a\r\nb\r\nc"}) {
    EXPECT_THAT(split_list(text), ElementsAre("a", "b", "c")) << text;
  }
  for (const char* text : {"", " ", ",", "[]", "\"\"", "\n"}) {
    EXPECT_THAT(split_list(text), IsEmpty()) << text;
  }
}

TEST(ParseDuration, KnowsItsUnits) {
  EXPECT_EQ(parse_duration("240"), 240'000);
  EXPECT_EQ(parse_duration("240s"), 240'000);
  EXPECT_EQ(parse_duration("1.5 m"), 90'000);
  EXPECT_EQ(parse_duration("500ms"), 500);
  EXPECT_EQ(parse_duration("2H"), 7'200'000);
  EXPECT_EQ(parse_duration("1d"), 86'400'000);
  EXPECT_EQ(parse_duration("-1"), -1000);
  for (const char* text : {"", "s", "five", "5 years", "1e999", "5s5s", "nan", "inf", "0x10",
                           "99999999999999999999"}) {
    EXPECT_EQ(parse_duration(text), std::nullopt) << text;
  }
}

TEST(ParseBytes, KnowsItsUnits) {
  EXPECT_EQ(parse_bytes("1024"), 1024);
  EXPECT_EQ(parse_bytes("64KiB"), 65536);
  EXPECT_EQ(parse_bytes("64k"), 65536);
  EXPECT_EQ(parse_bytes("256 MB"), 268435456);
  EXPECT_EQ(parse_bytes("1.5GiB"), 1610612736);
  EXPECT_EQ(parse_bytes("many"), std::nullopt);
}

TEST(ParseInteger, TakesAllOrNothing) {
  EXPECT_EQ(parse_integer(" 8080 "), 8080);
  for (const char* text : {"", "80 80", "8080x", "0x50", "99999999999999999999", "8.0"}) {
    EXPECT_EQ(parse_integer(text), std::nullopt) << text;
  }
}

TEST(Nearest, FindsWhatWasMeantAndNothingFarAway) {
  const std::vector<std::string_view> words = {"listen.port", "listen.host", "log.level"};
  EXPECT_EQ(nearest("listen.prot", words), "listen.port");
  EXPECT_EQ(nearest("LISTEN.HOST", words), "listen.host");
  EXPECT_EQ(nearest("log.levels", words), "log.level");
  EXPECT_EQ(nearest("entirely.different", words), std::nullopt);
}

}  // namespace
}  // namespace wasat::app
