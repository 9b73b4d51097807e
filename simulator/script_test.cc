// Scripts: what they say, and what they hold against a history.

#include "simulator/simulator_test.h"

namespace wasat::simulator::test {
namespace {

class SimulatorScripts : public SimulatorTest {
 protected:
  void SetUp() override {
    const Answered set = ask({.target = "/simulator/scripts", .body = R"({
      "match": {"text": "TASK-1"}, "exact": true, "steps": [
        {"parts": [{"thought": true, "text": "Which ones?"},
                   {"functionCall": {"name": "read", "args": {"path": "a"}}},
                   {"functionCall": {"name": "read", "args": {"path": "b"}}}]},
        {"expect": ["apple", "banana"], "cachedTokens": 3, "finishReason": "MAX_TOKENS",
         "parts": [{"text": "Both are fruit."}]}]})"});
    ASSERT_EQ(set.status, 200) << set.body;
  }

  static std::string request(std::string_view history = {}, std::string_view functions = "read") {
    return R"({"contents":[{"role":"user","parts":[{"text":"TASK-1, please"}]})" +
           std::string(history) + R"(],"tools":[{"functionDeclarations":[{"name":")" +
           std::string(functions) + R"("}]}],"generationConfig":{"thinkingConfig":)" +
           R"({"includeThoughts":true}}})";
  }
  static std::string turn(std::string_view signature, std::string_view name = "read") {
    const auto call = [name](const std::string& more) {
      return R"({"functionCall":{"name":")" + std::string(name) + R"("})" + more + "}";
    };
    return R"(,{"role":"model","parts":[)" +
           call(R"(,"thoughtSignature":")" + std::string(signature) + '"') + "," + call("") + "]}";
  }
  static std::string results(std::string_view second = "banana") {
    const auto result = [](std::string_view text) {
      return R"({"functionResponse":{"name":"read","response":{"is":")" + std::string(text) +
             R"("}}})";
    };
    return R"(,{"role":"user","parts":[)" + result("apple") + "," + result(second) + "]}";
  }
  // "script 0" in base64.
  static constexpr std::string_view kGiven = "c2NyaXB0IDA=";
};

TEST_F(SimulatorScripts, AStepCallsInParallelAndSignsTheFirst) {
  const Parsed answer(ask({.target = kUnary3, .body = request()}).body);
  const json::Value parts = at(answer["candidates"], 0)["content"]["parts"];
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(at(parts, 0)["thought"].boolean(), true);
  EXPECT_EQ(at(parts, 1)["functionCall"]["args"]["path"].string(), "a");
  EXPECT_EQ(at(parts, 1)["thoughtSignature"].string(), kGiven);
  EXPECT_EQ(at(parts, 2)["functionCall"]["args"]["path"].string(), "b");
  EXPECT_FALSE(at(parts, 2)["thoughtSignature"]);
}

TEST_F(SimulatorScripts, TheHistoryChoosesTheStep) {
  const Ask second{.target = kStream3, .body = request(turn(kGiven) + results())};
  for (const Answered& answered : ask_all({second, second})) {
    EXPECT_EQ(answered.status, 200) << answered.body;
    const std::vector<std::string> chunks = events(answered.body);
    const Parsed last(chunks.back());
    EXPECT_EQ(at(last["candidates"], 0)["finishReason"].string(), "MAX_TOKENS");
    EXPECT_EQ(last["usageMetadata"]["cachedContentTokenCount"].integer(), 3);
    EXPECT_NE(answered.body.find("fruit"), std::string::npos);
  }
}

TEST_F(SimulatorScripts, AHistoryThatIsNotTheScriptsIsRefused) {
  const auto refused = [this](const std::string& history, std::string_view why,
                              const std::string& target = kUnary3) {
    const Answered answered = ask({.target = target, .body = request(history)});
    EXPECT_EQ(answered.status, 400);
    EXPECT_NE(answered.body.find(why), std::string::npos) << answered.body;
  };
  refused(turn("skip_thought_signature_validator") + results(), "comes back signed");
  refused(turn(kGiven, "write") + results(), "comes back calling write, write");
  refused(turn(kGiven) + results("cherry"), "expects “banana”");
  // The second generation's signatures are nobody's business.
  EXPECT_EQ(ask({.target = kUnary, .body = request(turn("AAAA") + results())}).status, 200);
}

TEST_F(SimulatorScripts, OthersGetOrdinaryAnswers) {
  const std::string end =
      turn(kGiven) + results() +
      R"(,{"role":"model","parts":[{"text":"x"}]},{"role":"user","parts":[{"text":"Go on"}]})";
  const auto answers = ask_all({{.target = kUnary3, .body = request({}, "other")},
                                {.target = kUnary3, .body = request(end)},
                                {.target = kUnary3}});
  for (const Answered& answered : answers) {
    EXPECT_EQ(answered.status, 200) << answered.body;
    EXPECT_EQ(answered.body.find(R"("path")"), std::string::npos) << answered.body;
  }
  ask({.target = "/simulator/scripts", .method = "DELETE"});
  EXPECT_NE(ask({.target = kUnary3, .body = request()}).body.find("TASK-1"), std::string::npos);
}

TEST_F(SimulatorScripts, WhatIsNoScriptIsRefused) {
  for (const char* body :
       {"{}", R"({"steps":[]})", R"({"steps":[{"parts":"text"}]})", R"({"steps":[{"parts":[{}]}]})",
        R"({"scripts":[{"steps":[{"parts":[{"functionCall":{"args":{}}}]}]}]})", "no"}) {
    EXPECT_EQ(ask({.target = "/simulator/scripts", .body = body}).status, 400) << body;
  }
}

}  // namespace
}  // namespace wasat::simulator::test
