#include "account/estimate.h"

#include <gtest/gtest.h>

namespace wasat::account {
namespace {

std::string request(std::string_view text, std::string_view config = "{}") {
  return R"({"contents":[{"parts":[{"text":")" + std::string(text) +
         R"("}]}],"generationConfig":)" + std::string(config) + "}";
}

TEST(Estimate, TextIsATokenForFourBytes) {
  std::string prose;
  for (int i = 0; i < 2000; ++i) prose += "word by word ";
  const std::int64_t tokens = estimated_input(Body::of(request(prose)));
  EXPECT_GE(tokens, static_cast<std::int64_t>(prose.size() / 4));
  EXPECT_LE(tokens, static_cast<std::int64_t>(prose.size() / 4 + 50));
  EXPECT_EQ(estimated_input({}), 0);
}

TEST(Estimate, MediaCountBySizeAndNotAsText) {
  const std::string picture(400'000, 'A');
  const std::string body = R"({"contents":[{"parts":[{"inlineData":{"mimeType":"image/png",)"
                           R"("data":")" +
                           picture + R"("}}]}]})";
  const std::int64_t tokens = estimated_input(Body::of(body));
  EXPECT_GT(tokens, 1120);
  EXPECT_LT(tokens, 3000);
  // However the body is cut.
  Body rope;
  const auto owner = std::make_shared<const std::string>(body);
  const std::string_view whole = *owner;
  rope.append(whole.substr(0, whole.find(picture)), owner);
  rope.append(whole.substr(whole.find(picture), picture.size()), owner);
  rope.append(whole.substr(whole.find(picture) + picture.size()), owner);
  EXPECT_NEAR(static_cast<double>(estimated_input(rope)), static_cast<double>(tokens), 3);
}

TEST(Estimate, LongTextIsNoMedia) {
  std::string chinese;
  for (int i = 0; i < 5000; ++i) chinese += "\xe4\xb8\xad";
  EXPECT_GE(estimated_input(Body::of(request(chinese))), 15'000 / 4);
}

TEST(Estimate, TheAnswerHasAsMuchAsTheRequestLetsIt) {
  EXPECT_EQ(expected_answer({}, 500).candidates, 500);
  EXPECT_EQ(expected_answer({.most_output = 7}, 500).candidates, 7);
  EXPECT_EQ(expected_answer({.most_output = 7, .candidates = 3}, 500).candidates, 21);
  EXPECT_EQ(expected_answer({.candidates = 3}, 500).candidates, 1500);
  // What is no number that could be meant.
  EXPECT_EQ(expected_answer({.most_output = -7, .candidates = -1}, 500).candidates, 500);
  EXPECT_EQ(expected_answer({.most_output = INT64_MAX, .candidates = INT64_MAX}, 500).candidates,
            8 << 20);
}

TEST(Estimate, ARequestThatMaySearchIsExpectedTo) {
  EXPECT_EQ(expected_answer({.may_search = true}, 500).searches, kExpectedSearches);
  EXPECT_EQ(expected_answer({}, 500).searches, 0);
}

}  // namespace
}  // namespace wasat::account
