// Every recorded answer passes through both encoders: no event out of place, and no
// text, thought or call that a client should see is lost. Every recorded request is lowered.

#include <gtest/gtest.h>

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "dialect/openai_responses/dialect.h"
#include "dialect/openai_responses/event_grammar_test.h"
#include "dialect/recordings_test.h"

namespace wasat::dialect::openai_responses {
namespace {

using dialect::test::Passed;
using dialect::test::recorded_answers;
using dialect::test::recordings;
using dialect::test::Tree;

// What a client sees of an answer.
struct Seen {
  std::string text;
  std::string thoughts;
  std::vector<std::string> calls;  // names

  void add(json::Value item) {
    const std::string_view type = item["type"].string_or("");
    if (type == "message") text += (*item["content"].begin())["text"].string_or("");
    if (type == "function_call") calls.emplace_back(item["name"].string_or(""));
    for (const json::Value part : item["summary"]) thoughts += part["text"].string_or("");
  }
};

Passed pass(const std::string& recording, bool stream) {
  return dialect::test::pass(
      *make_openai_responses(), "/responses",
      std::string(R"({"model":"gemini-2.5-flash","tools":[{"type":"web_search"}],"input":"Hi",)") +
          R"("top_logprobs":2,"stream":)" + (stream ? "true}" : "false}"),
      dialect::test::recorded_chunks(recording));
}

Tree recorded(const std::string& name) {
  return Tree(read_file(dialect::test::recordings_folder() / name));
}

// The response object of a whole answer, or of a stream's last event.
std::string response_in(const std::string& bytes, bool stream) {
  if (!stream) return bytes;
  const auto at = bytes.rfind("\ndata: ");
  const Tree event(std::string_view(bytes).substr(at + 7));
  return std::string(event.root["response"].raw());
}

class RecordedResponse : public testing::TestWithParam<std::string> {};

TEST_P(RecordedResponse, PassesWithoutLoss) {
  for (const bool stream : {false, true}) {
    const Passed passed = pass(GetParam(), stream);
    if (stream) {
      ASSERT_EQ(test::EventGrammar::problem(passed.bytes), "") << passed.bytes;
    }
    // A whole answer that cannot be completed is an error and has no bytes.
    if (!passed.finished) continue;
    const Tree response(response_in(passed.bytes, stream));
    ASSERT_TRUE(response.parsed) << passed.bytes;
    Seen given;
    for (const json::Value item : response.root["output"]) given.add(item);
    EXPECT_EQ(given.thoughts, passed.expected.thoughts);
    EXPECT_EQ(given.calls, passed.expected.calls);
    dialect::test::expect_in_order(passed.expected.texts, given.text);
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordedResponse);
INSTANTIATE_TEST_SUITE_P(Files, RecordedResponse, testing::ValuesIn(recorded_answers()),
                         dialect::test::recording_name);

TEST(RecordedResponses, AreThere) {
  WASAT_SKIP_WITHOUT_RECORDINGS();
  EXPECT_GT(recorded_answers().size(), 100u);
  // And most of them are answers indeed, not refusals.
  int finished = 0;
  for (const std::string& name : recorded_answers()) {
    if (pass(name, true).finished) ++finished;
  }
  EXPECT_GT(finished, 80);
}

// What Codex sent: everything arrives, nothing is refused.
TEST(RecordedResponses, RequestsOfCodexAreLowered) {
  WASAT_SKIP_WITHOUT_RECORDINGS();
  int found = 0;
  for (const std::string& name : recordings({"client-requests"}, "", {".json"})) {
    const Tree sent = recorded(name);
    if (sent.root["path"].string_or("") != "/v1/responses") continue;
    ++found;
    SCOPED_TRACE(name);
    const auto dialect = make_openai_responses();
    const auto body = Buffer::copy_of(sent.root["body"].raw());
    auto parsed = dialect->parse({.http_method = "POST", .path = "/responses", .body = body});
    ASSERT_TRUE(parsed) << parsed.error().detail;
    EXPECT_TRUE((*parsed)->stream);
    for (const char* model : {"gemini-2.5-pro", "gemini-3-pro-preview"}) {
      const auto call = (*parsed)->lower({.name = model}, {});
      ASSERT_TRUE(call) << call.error().detail;
      const Tree lowered(call->body.flatten());
      ASSERT_TRUE(lowered.parsed);
      const json::Value root = lowered.root;
      // The developer's words instruct; the search without the web is left out.
      EXPECT_EQ(root["systemInstruction"]["parts"].size(), 3u);
      ASSERT_EQ(root["tools"].size(), 1u);
      const json::Value functions = (*root["tools"].begin())["functionDeclarations"];
      std::set<std::string> names;
      for (const json::Value function : functions) names.emplace(function["name"].string_or(""));
      EXPECT_EQ(names.size(), 12u);
      EXPECT_TRUE(names.contains("exec_command"));
      EXPECT_TRUE(names.contains("multi_agent_v1__spawn_agent"));
      EXPECT_GE(root["contents"].size(), 1u);
      EXPECT_EQ(root["generationConfig"]["thinkingConfig"]["includeThoughts"].boolean(), true);
    }
  }
  EXPECT_EQ(found, 2);
}

// What OpenAI's own API has answered comes back as input when a client changes its
// base URL in the middle of a conversation.
TEST(RecordedResponses, ItemsOfOpenAiAreReadKindly) {
  WASAT_SKIP_WITHOUT_RECORDINGS();
  int found = 0;
  for (const std::string& name :
       recordings({"vercel-ai-openai-anthropic"}, "openairesponses_", {".json"})) {
    const Tree answered = recorded(name);
    const json::Value output = answered.root["output"];
    if (!output.is_array()) continue;
    ++found;
    SCOPED_TRACE(name);
    const auto dialect = make_openai_responses();
    const auto body =
        Buffer::copy_of(R"({"model":"gemini-3-pro-preview","tools":)" +
                        std::string(answered.root["tools"] ? answered.root["tools"].raw() : "[]") +
                        R"(,"input":)" + std::string(output.raw()) + "}");
    auto parsed = dialect->parse({.http_method = "POST", .path = "/responses", .body = body});
    ASSERT_TRUE(parsed) << parsed.error().detail;
    const auto call = (*parsed)->lower({.name = "gemini-3-pro-preview"}, {});
    ASSERT_TRUE(call) << call.error().detail;
    EXPECT_TRUE(Tree(call->body.flatten()).parsed);
  }
  EXPECT_GT(found, 15);
}

}  // namespace
}  // namespace wasat::dialect::openai_responses
