// Recordings: every answer of Gemini passes through both encoders without a loss
// and by the rules of the protocol, every request of Claude Code becomes a call, and the
// checker of the rules agrees with what Anthropic's own service sends.

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "dialect/anthropic/dialect.h"
#include "dialect/anthropic/event_grammar_test.h"
#include "dialect/recordings_test.h"

namespace wasat::dialect::anthropic {
namespace {

using dialect::test::Passed;
using dialect::test::recorded_answers;
using dialect::test::Tree;

Passed pass(const std::string& recording, bool stream) {
  return dialect::test::pass(
      *make_anthropic(), "/messages",
      std::string(R"({"model":"gemini-2.5-flash","thinking":{"type":"adaptive"},"tools":[)") +
          R"({"type":"web_search_20250305","name":"web_search"},{"type":"web_fetch_20250910",)" +
          R"("name":"web_fetch"},{"type":"code_execution_20250825","name":"code_execution"}],)" +
          R"("messages":[{"role":"user","content":"Hi"}],"stream":)" +
          (stream ? "true}" : "false}"),
      dialect::test::recorded_chunks(recording));
}

class RecordedGeminiAnswer : public testing::TestWithParam<std::string> {};

TEST_P(RecordedGeminiAnswer, PassesStreamed) {
  const Passed passed = pass(GetParam(), true);
  test::EventChecker checker;
  EXPECT_EQ(checker.check(passed.bytes, true), "") << passed.bytes;
  EXPECT_EQ(checker.failed(), !passed.finished);
  dialect::test::expect_in_order(passed.expected.texts, checker.text());
  EXPECT_EQ(checker.thoughts(), passed.expected.thoughts);
  EXPECT_EQ(checker.calls(), passed.expected.calls.size());
}

TEST_P(RecordedGeminiAnswer, PassesWhole) {
  const Passed passed = pass(GetParam(), false);
  if (!passed.finished) {
    EXPECT_EQ(passed.bytes, "");  // an error has a body of its own
    return;
  }
  const Tree message(passed.bytes);
  ASSERT_TRUE(message.parsed) << passed.bytes;
  EXPECT_EQ(test::message_problem(message.root), "") << passed.bytes;
  std::string text;
  std::string thoughts;
  std::size_t calls = 0;
  for (const json::Value block : message.root["content"]) {
    text += block["text"].string_or("");
    thoughts += block["thinking"].string_or("");
    if (block["type"].string_or("") == "tool_use") ++calls;
  }
  dialect::test::expect_in_order(passed.expected.texts, text);
  EXPECT_EQ(thoughts, passed.expected.thoughts);
  EXPECT_EQ(calls, passed.expected.calls.size());
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordedGeminiAnswer);
INSTANTIATE_TEST_SUITE_P(Anthropic, RecordedGeminiAnswer, testing::ValuesIn(recorded_answers()),
                         dialect::test::recording_name);

// Claude Code's own requests, as it sends them.
class RecordedClaudeRequest : public testing::TestWithParam<std::string> {};

TEST_P(RecordedClaudeRequest, BecomesACall) {
  const Tree recorded(read_file(dialect::test::recordings_folder() / GetParam()));
  ASSERT_TRUE(recorded.parsed);
  if (!recorded.root["body"].is_object()) return;  // a GET or a HEAD
  const auto dialect = make_anthropic();
  auto parsed = dialect->parse({.http_method = "POST",
                                .path = "/messages",
                                .query = "beta=true",
                                .body = Buffer::copy_of(recorded.root["body"].raw())});
  ASSERT_TRUE(parsed) << parsed.error().detail;
  for (const char* model : {"gemini-2.5-pro", "gemini-3-pro-preview"}) {
    const auto call = (*parsed)->lower({.name = model, .derived = {}}, {});
    ASSERT_TRUE(call) << call.error().detail;
    const std::string body = call->body.flatten();
    EXPECT_TRUE(Tree(body).parsed);
    for (const char* never : {"$schema", "x-anthropic-billing-header", "DeferredToolPlaceholder",
                              "exclusiveMinimum", "cache_control", "U0lHTkFUVVJF"}) {
      EXPECT_EQ(body.find(never), body.npos) << never;
    }
    for (const char* kept : {"# Environment", "\"Bash\"", "You are a Claude agent"}) {
      EXPECT_NE(body.find(kept), body.npos) << kept;
    }
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordedClaudeRequest);
INSTANTIATE_TEST_SUITE_P(Anthropic, RecordedClaudeRequest,
                         testing::ValuesIn(dialect::test::recordings({"client-requests"},
                                                                     "claude-code", {".json"})),
                         dialect::test::recording_name);

// Anthropic's own streams, of the kinds of blocks that Gemini's answers can become.
class RecordedClaudeStream : public testing::TestWithParam<std::string> {};

TEST_P(RecordedClaudeStream, KeepsToTheRules) {
  std::string stream;
  for (const std::string& chunk : dialect::test::recorded_chunks(GetParam())) {
    const Tree event(chunk);
    ASSERT_TRUE(event.parsed);
    stream +=
        "event: " + std::string(event.root["type"].string_or("")) + "\ndata: " + chunk + "\n\n";
  }
  EXPECT_EQ(test::EventChecker().check(stream, true), "");
}

std::vector<std::string> claude_streams() {
  const std::string folder = "vercel-ai-openai-anthropic/";
  std::vector<std::string> found;
  for (const char* name : {"anthropic-text", "anthropic-tool-no-args", "anthropic-json-tool.1",
                           "anthropic-json-tool.2", "anthropic-refusal"}) {
    const std::string file = folder + "anthropic__fixtures___" + std::string(name) + ".chunks.txt";
    if (std::filesystem::exists(dialect::test::recordings_folder() / file)) found.push_back(file);
  }
  return found;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordedClaudeStream);
INSTANTIATE_TEST_SUITE_P(Anthropic, RecordedClaudeStream, testing::ValuesIn(claude_streams()),
                         dialect::test::recording_name);

TEST(AnthropicRecordings, AreThere) {
  WASAT_SKIP_WITHOUT_RECORDINGS();
  EXPECT_GT(recorded_answers().size(), 150u);
  EXPECT_EQ(claude_streams().size(), 5u);
  // And most of them are answers indeed, not refusals.
  int finished = 0;
  for (const std::string& name : recorded_answers()) {
    if (pass(name, true).finished) ++finished;
  }
  EXPECT_GT(finished, 80);
}

}  // namespace
}  // namespace wasat::dialect::anthropic
