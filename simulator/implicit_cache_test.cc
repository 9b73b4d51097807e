// Implicit caching: what counts as seen, for whom, and for how long.

#include "simulator/simulator_test.h"

namespace wasat::simulator::test {
namespace {

using std::chrono::seconds;

// 5,120 tokens of text that begins as `begin` says, and a question.
std::string request(std::string_view begin, std::string_view question, std::size_t tokens = 5120) {
  std::string text;
  while (text.size() < tokens * 4) text += std::string(begin) + " and so on. ";
  text.resize(tokens * 4);
  return R"({"systemInstruction":{"parts":[{"text":")" + text +
         R"("}]},"contents":[{"role":"user","parts":[{"text":")" + std::string(question) +
         R"("}]}]})";
}

class ImplicitCacheTest : public ::testing::Test {
 protected:
  void SetUp() override { configure(R"({"implicit":true,"seconds":60})"); }
  void configure(std::string_view json) {
    const auto buffer = Buffer::copy_of(json);
    ASSERT_TRUE(cache_.configure(buffer->padded()));
  }
  int use(const std::string& body, std::string_view key = "a",
          std::string_view model = "gemini-2.5-flash") {
    const auto buffer = Buffer::copy_of(body);
    return cache_.use(key, model, buffer->padded(), now_);
  }
  ImplicitCache cache_;
  ImplicitCache::Time now_{std::chrono::hours(1)};
};

TEST_F(ImplicitCacheTest, WhatTheAccountHasSeenIsCachedInWholeBlocks) {
  EXPECT_EQ(use(request("One", "first?")), 0);
  EXPECT_EQ(use(request("One", "second?")), 5120);
  EXPECT_EQ(use(request("Two", "second?")), 0) << "nothing in common";
  const ImplicitCache::Totals totals = cache_.totals();
  EXPECT_EQ(totals.prompts, 3u);
  EXPECT_EQ(totals.tokens, 3u * 5120);
  EXPECT_EQ(totals.cached_tokens, 5120u);
}

TEST_F(ImplicitCacheTest, AnotherKeyOrModelHasSeenNothing) {
  use(request("One", "?"));
  EXPECT_EQ(use(request("One", "?"), "b"), 0);
  EXPECT_EQ(use(request("One", "?"), "a", "gemini-2.5-flash-lite"), 0);
  EXPECT_EQ(use(request("One", "?")), 5120);
}

TEST_F(ImplicitCacheTest, ShortPromptsAreNotCached) {
  for (const auto& [model, least] :
       {std::pair{"gemini-2.5-flash", 1024}, {"gemini-2.5-pro", 4096}}) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(use(request("s", "?", static_cast<std::size_t>(least) - 64), "a", model), 0);
    }
    use(request("l", "?", static_cast<std::size_t>(least)), "a", model);
    EXPECT_EQ(use(request("l", "?", static_cast<std::size_t>(least)), "a", model), least);
  }
}

TEST_F(ImplicitCacheTest, AUseKeepsItAndTimeForgetsIt) {
  use(request("One", "?"));
  now_ += seconds(59);
  EXPECT_EQ(use(request("One", "?")), 5120);
  now_ += seconds(59);
  EXPECT_EQ(use(request("One", "?")), 5120);
  now_ += seconds(60);
  EXPECT_EQ(use(request("One", "?")), 0);
}

TEST_F(ImplicitCacheTest, ToolsBelongToThePrompt) {
  const auto with_tools = [](std::string_view name) {
    return R"({"tools":[{"functionDeclarations":[{"name":")" + std::string(name) + R"("}]}],)" +
           request("One", "?").substr(1);
  };
  EXPECT_EQ(use(with_tools("f")), 0);
  EXPECT_EQ(use(with_tools("f")), 5120);
  // They come behind the system's text, and before the turns.
  EXPECT_EQ(use(with_tools("g")), 5120);
}

TEST_F(ImplicitCacheTest, ItsMemoryIsBounded) {
  use(request("One", "?"));
  for (int i = 0; i < 34; ++i) use(request(std::to_string(i), "?", 1 << 20));
  EXPECT_EQ(use(request("One", "?")), 0) << "the oldest went";
}

TEST_F(ImplicitCacheTest, OffItSeesNothing) {
  use(request("One", "?"));
  cache_.turn_off();
  EXPECT_EQ(use(request("One", "?")), 0);
  EXPECT_EQ(cache_.totals().prompts, 0u);
}

TEST_F(SimulatorTest, ImplicitCachingIsTurnedOnAndShowsInTheUsage) {
  const auto cached = [this] {
    const Parsed answer(ask({.target = kUnary, .body = request("One", "?")}).body);
    return answer["usageMetadata"]["cachedContentTokenCount"].integer();
  };
  EXPECT_EQ(cached(), std::nullopt);
  EXPECT_EQ(cached(), std::nullopt) << "off at first";
  const Ask on{.target = "/simulator/caching", .body = R"({"implicit":true})"};
  EXPECT_EQ(ask(on).status, 200);
  EXPECT_EQ(cached(), std::nullopt);
  EXPECT_EQ(cached(), 5120);
  const Parsed overview(ask({.target = "/simulator", .method = "GET"}).body);
  EXPECT_EQ(overview["caching"]["cachedTokens"].integer(), 5120);
  EXPECT_EQ(overview["requestsByKey"]["test-key"].integer(), 4);
  EXPECT_EQ(ask({.target = "/simulator/caching", .body = R"({"explicit":1})"}).status, 400);
  EXPECT_EQ(ask({.target = "/simulator/caching", .method = "DELETE"}).status, 200);
  EXPECT_EQ(cached(), std::nullopt);
}

}  // namespace
}  // namespace wasat::simulator::test
