// Recordings: every answer of Gemini passes through both encoders without a loss
// and by the rules of the protocol, every request of Claude Code becomes a call, and the
// checker of the rules agrees with what Anthropic's own service sends.

#include <gtest/gtest.h>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dialect/anthropic/dialect.h"
#include "dialect/anthropic/event_grammar_test.h"

namespace wasat::dialect::anthropic {
namespace {

namespace fs = std::filesystem;

fs::path fixtures() {
  const char* chosen = std::getenv("WASAT_FIXTURES");
  return chosen != nullptr ? fs::path(chosen)
                           : fs::path(WASAT_SOURCE_DIR) / ".." / "shared" / "fixtures";
}

std::string read(const fs::path& path) {
  std::ostringstream text;
  text << std::ifstream(path, std::ios::binary).rdbuf();
  return text.str();
}

bool is_json(std::string_view text) {
  json::Document document;
  return document.parse(Buffer::copy_of(text)->padded()).has_value();
}

// The chunks in a recording: a JSON answer (or an array of them), lines of JSON,
// or server-sent events.
std::vector<std::string> chunks_of(const fs::path& path) {
  const std::string text = read(path);
  if (is_json(text)) return {text};
  std::vector<std::string> chunks;
  std::istringstream lines(text);
  std::string line;
  while (std::getline(lines, line)) {
    if (line.ends_with('\r')) line.pop_back();
    if (line.starts_with("data: ")) line.erase(0, 6);
    if (!line.empty()) chunks.push_back(line);
  }
  return chunks;
}

// What a client must get of a chunk, in pieces that stay in order.
struct Expected {
  std::vector<std::string> texts;
  std::string thoughts;
  int calls = 0;

  void add(json::Value root) {
    if (root.is_array()) {
      for (const json::Value chunk : root) add(chunk);
      return;
    }
    for (const json::Value candidate : root["candidates"]) {
      if (candidate["index"].integer().value_or(0) != 0) continue;
      const std::string_view reason = candidate["finishReason"].string_or("");
      const bool malformed = reason == "UNEXPECTED_TOOL_CALL" || reason.starts_with("MALFORMED_");
      for (const json::Value part : candidate["content"]["parts"]) {
        const std::string_view text = part["text"].string_or("");
        if (part["thought"].boolean() == true) {
          thoughts += text;
        } else if (!text.empty()) {
          texts.emplace_back(text);
        }
        if (!malformed && !part["functionCall"]["name"].string_or("").empty()) ++calls;
      }
    }
  }
};

struct Passed {
  Expected expected;
  std::string bytes;
  bool finished = false;
};

Passed pass(const std::vector<std::string>& chunks, bool stream) {
  const auto dialect = make_anthropic({});
  auto parsed = dialect->parse(
      {.http_method = "POST",
       .path = "/messages",
       .query = {},
       .body = Buffer::copy_of(
           std::string(R"({"model":"gemini-2.5-flash","thinking":{"type":"adaptive"},"tools":[)") +
           R"({"type":"web_search_20250305","name":"web_search"},{"type":"web_fetch_20250910",)" +
           R"("name":"web_fetch"},{"type":"code_execution_20250825","name":"code_execution"}],)" +
           R"("messages":[{"role":"user","content":"Hi"}],"stream":)" +
           (stream ? "true}" : "false}"))});
  EXPECT_TRUE((*parsed)->lower({.name = "gemini-2.5-flash", .derived = {}}, {}));
  const auto encoder = (*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  Passed result;
  gemini::Tally tally;
  json::Document document;
  for (const std::string& chunk : chunks) {
    const auto json = Buffer::copy_of(chunk);
    const auto read = encoder->frame({.json = json->padded(), .wire = chunk}, tally, result.bytes);
    if (!read) {
      if (stream) encoder->error(read.error(), result.bytes);
      return result;
    }
    const auto root = document.parse(json->padded());
    EXPECT_TRUE(root);
    result.expected.add(*root);
  }
  const auto finished = encoder->finish(tally, result.bytes);
  result.finished = finished.has_value();
  if (!finished && stream) encoder->error(finished.error(), result.bytes);
  return result;
}

void expect_in_order(const std::vector<std::string>& texts, const std::string& given) {
  std::size_t at = 0;
  for (const std::string& text : texts) {
    const std::size_t found = given.find(text, at);
    ASSERT_NE(found, given.npos) << "lost: " << text << "\nin: " << given;
    at = found + text.size();
  }
}

class RecordedGeminiAnswer : public testing::TestWithParam<std::string> {};

TEST_P(RecordedGeminiAnswer, PassesStreamed) {
  const Passed passed = pass(chunks_of(fixtures() / GetParam()), true);
  test::EventChecker checker;
  EXPECT_EQ(checker.check(passed.bytes, true), "") << passed.bytes;
  EXPECT_EQ(checker.failed(), !passed.finished);
  expect_in_order(passed.expected.texts, checker.text());
  EXPECT_EQ(checker.thoughts(), passed.expected.thoughts);
  EXPECT_EQ(checker.calls(), passed.expected.calls);
}

TEST_P(RecordedGeminiAnswer, PassesWhole) {
  const Passed passed = pass(chunks_of(fixtures() / GetParam()), false);
  if (!passed.finished) {
    EXPECT_EQ(passed.bytes, "");  // an error has a body of its own
    return;
  }
  json::Document document;
  const auto buffer = Buffer::copy_of(passed.bytes);
  const auto root = document.parse(buffer->padded());
  ASSERT_TRUE(root) << passed.bytes;
  EXPECT_EQ(test::message_problem(*root), "") << passed.bytes;
  std::string text;
  std::string thoughts;
  int calls = 0;
  for (const json::Value block : (*root)["content"]) {
    text += block["text"].string_or("");
    thoughts += block["thinking"].string_or("");
    if (block["type"].string_or("") == "tool_use") ++calls;
  }
  expect_in_order(passed.expected.texts, text);
  EXPECT_EQ(thoughts, passed.expected.thoughts);
  EXPECT_EQ(calls, passed.expected.calls);
}

// Files of these folders with one of these endings and beginnings.
std::vector<std::string> recordings(const std::vector<std::string>& folders,
                                    const std::string& beginning, const std::string& ending) {
  std::vector<std::string> found;
  for (const std::string& folder : folders) {
    if (!fs::exists(fixtures() / folder)) continue;
    for (const auto& entry : fs::directory_iterator(fixtures() / folder)) {
      const std::string name = entry.path().filename();
      if (name.starts_with(beginning) && name.ends_with(ending)) {
        found.push_back(fs::relative(entry.path(), fixtures()));
      }
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::vector<std::string> gemini_answers() {
  const std::vector<std::string> folders = {
      "firebase-vertexai-sdk-test-data", "llm-gemini-cassettes", "transcribed", "vercel-ai-google"};
  std::vector<std::string> found = recordings(folders, "", ".txt");
  const std::vector<std::string> more = recordings(folders, "", ".json");
  found.insert(found.end(), more.begin(), more.end());
  return found;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordedGeminiAnswer);
INSTANTIATE_TEST_SUITE_P(Anthropic, RecordedGeminiAnswer, testing::ValuesIn(gemini_answers()),
                         test_name);

// Claude Code's own requests, as it sends them.
class RecordedClaudeRequest : public testing::TestWithParam<std::string> {};

TEST_P(RecordedClaudeRequest, BecomesACall) {
  const auto text = Buffer::copy_of(read(fixtures() / GetParam()));
  json::Document document;
  const auto recorded = document.parse(text->padded());
  ASSERT_TRUE(recorded);
  if (!(*recorded)["body"].is_object()) return;  // a GET or a HEAD
  const auto dialect = make_anthropic({});
  auto parsed = dialect->parse({.http_method = "POST",
                                .path = "/messages",
                                .query = "beta=true",
                                .body = Buffer::copy_of((*recorded)["body"].raw())});
  ASSERT_TRUE(parsed) << parsed.error().detail;
  for (const char* model : {"gemini-2.5-pro", "gemini-3-pro-preview"}) {
    const auto call = (*parsed)->lower({.name = model, .derived = {}}, {});
    ASSERT_TRUE(call) << call.error().detail;
    const std::string body = call->body.flatten();
    EXPECT_TRUE(is_json(body));
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
                         testing::ValuesIn(recordings({"client-requests"}, "claude-code", ".json")),
                         test_name);

// Anthropic's own streams, of the kinds of blocks that Gemini's answers can become.
class RecordedClaudeStream : public testing::TestWithParam<std::string> {};

TEST_P(RecordedClaudeStream, KeepsToTheRules) {
  std::string stream;
  json::Document document;
  for (const std::string& chunk : chunks_of(fixtures() / GetParam())) {
    const auto buffer = Buffer::copy_of(chunk);
    const auto root = document.parse(buffer->padded());
    ASSERT_TRUE(root);
    stream += "event: " + std::string((*root)["type"].string_or("")) + "\ndata: " + chunk + "\n\n";
  }
  EXPECT_EQ(test::EventChecker().check(stream, true), "");
}

std::vector<std::string> claude_streams() {
  const std::string folder = "vercel-ai-openai-anthropic/";
  std::vector<std::string> found;
  for (const char* name : {"anthropic-text", "anthropic-tool-no-args", "anthropic-json-tool.1",
                           "anthropic-json-tool.2", "anthropic-refusal"}) {
    const std::string file = folder + "anthropic__fixtures___" + std::string(name) + ".chunks.txt";
    if (fs::exists(fixtures() / file)) found.push_back(file);
  }
  return found;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordedClaudeStream);
INSTANTIATE_TEST_SUITE_P(Anthropic, RecordedClaudeStream, testing::ValuesIn(claude_streams()),
                         test_name);

TEST(AnthropicRecordings, AreThere) {
  if (!fs::exists(fixtures())) {
    GTEST_SKIP() << "no recordings at " << fixtures() << " (set WASAT_FIXTURES)";
  }
  EXPECT_GT(gemini_answers().size(), 150u);
  EXPECT_EQ(claude_streams().size(), 5u);
  // And most of them are answers indeed, not refusals.
  int finished = 0;
  for (const std::string& name : gemini_answers()) {
    if (pass(chunks_of(fixtures() / name), true).finished) ++finished;
  }
  EXPECT_GT(finished, 80);
}

}  // namespace
}  // namespace wasat::dialect::anthropic
