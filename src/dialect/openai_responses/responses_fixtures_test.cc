// Every recorded answer passes through both encoders: no event out of place, and no
// text, thought or call that a client should see is lost. Every recorded request is lowered.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dialect/openai_responses/dialect.h"
#include "dialect/openai_responses/event_grammar_test.h"

namespace wasat::dialect::openai_responses {
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

// A tree with its text.
struct Tree {
  explicit Tree(std::string_view json)
      : text(Buffer::copy_of(json)),
        parsed(document.parse(text->padded(), json::kMaxDepth + 16)),
        root(parsed ? *parsed : json::Value{}) {}
  std::shared_ptr<Buffer> text;
  json::Document document;
  Result<json::Value> parsed;
  json::Value root;
};

// The chunks in a recording: a JSON answer (or an array of them), lines of JSON,
// or server-sent events.
std::vector<std::string> chunks_of(const fs::path& path) {
  const std::string text = read(path);
  if (Tree(text).parsed) return {text};
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

// What a client should see of an answer, or does.
struct Seen {
  std::string text;
  std::string thoughts;
  std::vector<std::string> calls;   // names
  std::vector<std::string> pieces;  // texts, one by one

  void add_chunk(json::Value root) {
    if (root.is_array()) {
      for (const json::Value chunk : root) add_chunk(chunk);
      return;
    }
    for (const json::Value candidate : root["candidates"]) {
      if (candidate["index"].integer().value_or(0) != 0) continue;
      const std::string_view reason = candidate["finishReason"].string_or("");
      const bool malformed = reason.starts_with("MALFORMED_") || reason == "UNEXPECTED_TOOL_CALL";
      for (const json::Value part : candidate["content"]["parts"]) {
        const std::string_view words = part["text"].string_or("");
        if (part["thought"].boolean() == true) {
          thoughts += words;
        } else if (!words.empty()) {
          text += words;
          pieces.emplace_back(words);
        }
        const std::string_view name = part["functionCall"]["name"].string_or("");
        if (!name.empty() && !malformed) calls.emplace_back(name);
      }
    }
  }

  void add_item(json::Value item) {
    const std::string_view type = item["type"].string_or("");
    if (type == "message") text += (*item["content"].begin())["text"].string_or("");
    if (type == "function_call") calls.emplace_back(item["name"].string_or(""));
    for (const json::Value part : item["summary"]) thoughts += part["text"].string_or("");
  }
};

struct Passed {
  Seen expected;
  std::string bytes;
  bool finished = false;
};

Passed pass(const std::vector<std::string>& chunks, bool stream) {
  const auto dialect = make_openai_responses({});
  const auto body = Buffer::copy_of(
      std::string(R"({"model":"gemini-2.5-flash","tools":[{"type":"web_search"}],"input":"Hi",)") +
      R"("top_logprobs":2,"stream":)" + (stream ? "true}" : "false}"));
  auto parsed = dialect->parse({.http_method = "POST", .path = "/responses", .body = body});
  (void)(*parsed)->lower({.name = "gemini-2.5-flash"}, {});
  const auto encoder = (*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  Passed result;
  gemini::Tally tally;
  const auto fail_with = [&](const Error& error) {
    if (stream) encoder->error(error, result.bytes);
  };
  for (const std::string& chunk : chunks) {
    const auto json = Buffer::copy_of(chunk);
    const auto read = encoder->frame({.json = json->padded(), .wire = chunk}, tally, result.bytes);
    if (!read) {
      fail_with(read.error());
      return result;
    }
    result.expected.add_chunk(Tree(chunk).root);
  }
  const auto finished = encoder->finish(tally, result.bytes);
  result.finished = finished.has_value();
  if (!finished) fail_with(finished.error());
  return result;
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
  const std::vector<std::string> chunks = chunks_of(fixtures() / GetParam());
  for (const bool stream : {false, true}) {
    const Passed passed = pass(chunks, stream);
    if (stream) {
      ASSERT_EQ(test::EventGrammar::problem(passed.bytes), "") << passed.bytes;
    }
    // A whole answer that cannot be completed is an error and has no bytes.
    if (!passed.finished) continue;
    const Tree response(response_in(passed.bytes, stream));
    ASSERT_TRUE(response.parsed) << passed.bytes;
    Seen given;
    for (const json::Value item : response.root["output"]) given.add_item(item);
    EXPECT_EQ(given.thoughts, passed.expected.thoughts);
    EXPECT_EQ(given.calls, passed.expected.calls);
    if (given.text == passed.expected.text) continue;
    // Explanations may be put behind the texts; the texts themselves are all there.
    std::size_t at = 0;
    for (const std::string& text : passed.expected.pieces) {
      const std::size_t found = given.text.find(text, at);
      ASSERT_NE(found, given.text.npos) << "lost: " << text << "\nin: " << given.text;
      at = found + text.size();
    }
  }
}

std::vector<std::string> recordings() {
  std::vector<std::string> found;
  if (!fs::exists(fixtures())) return found;
  for (const auto& entry : fs::recursive_directory_iterator(fixtures())) {
    const std::string name = entry.path().filename();
    const std::string folder = entry.path().parent_path().filename();
    const bool ours = folder == "firebase-vertexai-sdk-test-data" || folder == "transcribed" ||
                      folder == "vercel-ai-google" || folder == "llm-gemini-cassettes";
    if (ours && (name.ends_with(".json") || name.ends_with(".txt"))) {
      found.push_back(fs::relative(entry.path(), fixtures()));
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

std::string test_name(const testing::TestParamInfo<std::string>& info) {
  std::string name = info.param;
  for (char& c : name) {
    if (std::isalnum(static_cast<unsigned char>(c)) == 0) c = '_';
  }
  return name;
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordedResponse);
INSTANTIATE_TEST_SUITE_P(Files, RecordedResponse, testing::ValuesIn(recordings()), test_name);

TEST(RecordedResponses, AreThere) {
  if (!fs::exists(fixtures())) {
    GTEST_SKIP() << "no recorded answers at " << fixtures() << " (set WASAT_FIXTURES)";
  }
  EXPECT_GT(recordings().size(), 100u);
  // And most of them are answers indeed, not refusals.
  int finished = 0;
  for (const std::string& name : recordings()) {
    if (pass(chunks_of(fixtures() / name), true).finished) ++finished;
  }
  EXPECT_GT(finished, 80);
}

// What Codex sent: everything arrives, nothing is refused.
TEST(RecordedResponses, RequestsOfCodexAreLowered) {
  if (!fs::exists(fixtures())) GTEST_SKIP() << "no recorded requests at " << fixtures();
  int found = 0;
  for (const auto& entry : fs::directory_iterator(fixtures() / "client-requests")) {
    const Tree recorded(read(entry.path()));
    if (recorded.root["path"].string_or("") != "/v1/responses") continue;
    ++found;
    SCOPED_TRACE(entry.path().string());
    const auto dialect = make_openai_responses({});
    const auto body = Buffer::copy_of(recorded.root["body"].raw());
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
  if (!fs::exists(fixtures())) GTEST_SKIP() << "no recorded responses at " << fixtures();
  int found = 0;
  for (const auto& entry : fs::directory_iterator(fixtures() / "vercel-ai-openai-anthropic")) {
    const std::string name = entry.path().filename();
    if (!name.starts_with("openairesponses_") || !name.ends_with(".json")) continue;
    const Tree recorded(read(entry.path()));
    const json::Value output = recorded.root["output"];
    if (!output.is_array()) continue;
    ++found;
    SCOPED_TRACE(name);
    const auto dialect = make_openai_responses({});
    const auto body =
        Buffer::copy_of(R"({"model":"gemini-3-pro-preview","tools":)" +
                        std::string(recorded.root["tools"] ? recorded.root["tools"].raw() : "[]") +
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
