#include "admin/pasted_keys.h"

#include <gtest/gtest.h>

namespace wasat::admin {
namespace {

std::vector<std::string> read(std::string_view text) {
  bool cut = false;
  std::vector<std::string> found;
  for (const PastedKey& key : read_pasted_keys(text, 100, cut)) {
    found.push_back(std::to_string(key.line) + " " + std::string(key.text) +
                    (key.problem.empty() ? "" : " !"));
  }
  return found;
}

TEST(PastedKeys, ManyWaysToWriteThem) {
  const std::vector<std::string> both = {"1 AIza-first-key", "1 AIza-second-key"};
  for (const std::string_view text :
       {"AIza-first-key,AIza-second-key", "AIza-first-key; AIza-second-key ;",
        "\"AIza-first-key\" 'AIza-second-key'", "[\"AIza-first-key\",\"AIza-second-key\"]",
        "\xef\xbb\xbf\tAIza-first-key\xc2\xa0\xe3\x80\x80"
        "AIza-second-key  ",
        "AIza-first-key\xef\xbc\x8c"
        "AIza-second-key"}) {
    EXPECT_EQ(read(text), both) << text;
  }
}

TEST(PastedKeys, LinesCommentsAndBlankLines) {
  EXPECT_EQ(read("# mine\r\n\r\n  AIza-first-key # the first\n// AIza-no-longer\nAIza-second-key"),
            (std::vector<std::string>{"3 AIza-first-key", "5 AIza-second-key"}));
  EXPECT_EQ(read(" \n\t\n"), std::vector<std::string>{});
}

TEST(PastedKeys, SaysWhatCannotBeAKey) {
  EXPECT_EQ(
      read("short\nAIza-first-\xc3\xa9-key\nAIza-first-key"),
      (std::vector<std::string>{"1 short !", "2 AIza-first-\xc3\xa9-key !", "3 AIza-first-key"}));
  EXPECT_FALSE(key_problem(std::string(600, 'a')).empty());
  EXPECT_FALSE(key_problem("AIza-with-\n-line").empty());
  EXPECT_TRUE(key_problem("AQ.Ab8RN6Kx_-abc").empty());
}

TEST(PastedKeys, IsBounded) {
  bool cut = false;
  EXPECT_EQ(read_pasted_keys("aaaaaaaaaaaa bbbbbbbbbbbb cccccccccccc", 2, cut).size(), 2u);
  EXPECT_TRUE(cut);
}

}  // namespace
}  // namespace wasat::admin
