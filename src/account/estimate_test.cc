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
  EXPECT_EQ(expected_answer(Body::of(request("x")), 500).candidates, 500);
  EXPECT_EQ(expected_answer(Body::of(request("x", R"({"maxOutputTokens":7})")), 500).candidates, 7);
  EXPECT_EQ(
      expected_answer(Body::of(request("x", R"({"maxOutputTokens":7,"candidateCount":3})")), 500)
          .candidates,
      21);
  EXPECT_EQ(
      expected_answer(
          Body::of(std::string(R"({"generation_config":{"max_output_tokens":9},"contents":[]})")),
          500)
          .candidates,
      9);
  // What only looks like it is not it.
  EXPECT_EQ(expected_answer(Body::of(request(R"(\"maxOutputTokens\":1)")), 500).candidates, 500);
  EXPECT_EQ(expected_answer(Body::of(std::string(R"({"tools":[{"maxOutputTokens":1}]})")), 500)
                .candidates,
            500);
  EXPECT_EQ(expected_answer(Body::of(request("x", R"({"maxOutputTokens":-7})")), 500).candidates,
            500);
  EXPECT_EQ(expected_answer(Body::of(std::string("no JSON")), 500).candidates, 500);
  EXPECT_EQ(expected_answer({}, 500).candidates, 500);
}

TEST(Estimate, ARequestThatMaySearchIsExpectedTo) {
  const auto searches = [](std::string body) {
    return expected_answer(Body::of(std::move(body)), 500).searches;
  };
  EXPECT_EQ(searches(R"({"contents":[],"tools":[{"googleSearch":{}}]})"), kExpectedSearches);
  EXPECT_EQ(searches(R"({"tools":[{"urlContext":{}},{"google_search":{}}]})"), kExpectedSearches);
  EXPECT_EQ(searches(R"({"tools":[{"googleSearchRetrieval":{}}]})"), kExpectedSearches);
  EXPECT_EQ(searches(R"({"contents":[{"parts":[{"text":"googleSearch"}]}]})"), 0);
}

}  // namespace
}  // namespace wasat::account
