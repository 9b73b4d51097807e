#include "admin/transfer/env_file.h"

#include <gtest/gtest.h>

#include <map>

namespace wasat::admin::transfer {
namespace {

std::map<std::string, std::string> read(std::string_view text) {
  std::map<std::string, std::string> values;
  for (const EnvFile::Value& value : read_env_file(text).values) {
    values.insert_or_assign(value.name, value.text.reveal());
  }
  return values;
}

using Values = std::map<std::string, std::string>;

TEST(EnvFile, ReadsWhatPeopleWrite) {
  EXPECT_EQ(read("A=1\nB = two words \nexport C=3\n\n# D=4\n  E=5 # why\nF=a#b\nG=\nH=#x"),
            (Values{{"A", "1"},
                    {"B", "two words"},
                    {"C", "3"},
                    {"E", "5"},
                    {"F", "a#b"},
                    {"G", ""},
                    {"H", ""}}));
  EXPECT_EQ(read("\xef\xbb\xbf"
                 "A=1\r\nB=2\r\n"),
            (Values{{"A", "1"}, {"B", "2"}}));
  EXPECT_EQ(read("A=1\nA=2"), (Values{{"A", "2"}}));
  EXPECT_EQ(read("MAX_FAILURES=3          # before a rest"), (Values{{"MAX_FAILURES", "3"}}));
}

TEST(EnvFile, ReadsQuotes) {
  EXPECT_EQ(read(R"(A="x # y")"), (Values{{"A", "x # y"}}));
  EXPECT_EQ(read(R"(A="a\"b\\c\nd\q$e")"), (Values{{"A", "a\"b\\c\nd\\q$e"}}));
  EXPECT_EQ(read(R"(A='a\n"b' # c)"), (Values{{"A", "a\\n\"b"}}));
  EXPECT_EQ(read("A=\"k1,\nk2\"\nB=2"), (Values{{"A", "k1,\nk2"}, {"B", "2"}}));
}

TEST(EnvFile, ReadsJsonWithoutQuotes) {
  EXPECT_EQ(read(R"(API_KEYS=["a","b#c"] # two)"), (Values{{"API_KEYS", R"(["a","b#c"])"}}));
  EXPECT_EQ(read("K=[\n \"a\",\n \"]\"\n]\nB=2"),
            (Values{{"K", "[\n \"a\",\n \"]\"\n]"}, {"B", "2"}}));
  EXPECT_EQ(read(R"(M={"a":{"b":1}})"), (Values{{"M", R"({"a":{"b":1}})"}}));
  EXPECT_EQ(read("K=[never\nB=2"), (Values{{"K", "[never"}, {"B", "2"}}));
}

TEST(EnvFile, CountsOddLinesByTheirNumber) {
  const EnvFile file = read_env_file("A=\"1\n2\"\nnot this\nB=2\n=x\nC=\"never closed\nD=4\n");
  EXPECT_EQ(file.odd_lines, (std::vector<std::size_t>{3, 5, 6}));
  EXPECT_EQ(file.values.size(), 3u);
}

TEST(EnvFile, IsToldFromOtherFiles) {
  EXPECT_TRUE(looks_like_env_file("GEMINI_API_KEYS=a,b"));
  EXPECT_TRUE(looks_like_env_file("# only\nexport A=1"));
  EXPECT_FALSE(looks_like_env_file(""));
  EXPECT_FALSE(looks_like_env_file("# nothing"));
  EXPECT_FALSE(looks_like_env_file("{\"a\": 1}"));
  EXPECT_FALSE(looks_like_env_file("Dear reader,\nthis is\nno such file\nA=1"));
  EXPECT_FALSE(looks_like_env_file(std::string_view("A=\0", 3)));
}

TEST(EnvFile, HostileTextsEnd) {
  const std::string quotes(100'000, '"');
  read_env_file("A=" + quotes);
  std::string brackets;
  for (int i = 0; i < 2000; ++i) brackets += "A=[\n";
  EXPECT_EQ(read_env_file(brackets).values.size(), 2000u);
  std::string open;
  for (int i = 0; i < 2000; ++i) open += "A=\"x\\\n";
  EXPECT_LE(read_env_file(open).values.size(), 2000u);
}

}  // namespace
}  // namespace wasat::admin::transfer
