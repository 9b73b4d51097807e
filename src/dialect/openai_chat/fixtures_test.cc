// Every recorded answer passes through both encoders: nothing crashes, and no
// text that a client should see is lost.

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "dialect/case_test_json.h"
#include "dialect/openai_chat/dialect.h"

namespace wasat::dialect::openai_chat {
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
  const auto buffer = Buffer::copy_of(text);
  return document.parse(buffer->padded()).has_value();
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

// All texts that are no thoughts, of the first candidate.
std::string visible_text(json::Value root) {
  std::string text;
  if (root.is_array()) {
    for (const json::Value chunk : root) text += visible_text(chunk);
    return text;
  }
  for (const json::Value candidate : root["candidates"]) {
    if (candidate["index"].integer().value_or(0) != 0) continue;
    for (const json::Value part : candidate["content"]["parts"]) {
      if (part["thought"].boolean() != true) text += part["text"].string_or("");
    }
  }
  return text;
}

std::string content_of(json::Value message) {
  return std::string(message["content"].string_or(""));
}

std::string given_text(const std::string& bytes, bool stream) {
  json::Document document;
  std::string text;
  if (!stream) {
    const auto buffer = Buffer::copy_of(bytes);
    const auto root = document.parse(buffer->padded());
    EXPECT_TRUE(root) << bytes;
    if (root) text = content_of((*(*root)["choices"].begin())["message"]);
    return text;
  }
  std::istringstream lines(bytes);
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("data: {")) continue;
    const auto buffer = Buffer::copy_of(std::string_view(line).substr(6));
    const auto root = document.parse(buffer->padded());
    EXPECT_TRUE(root) << line;
    if (!root) continue;
    for (const json::Value choice : (*root)["choices"]) text += content_of(choice["delta"]);
  }
  return text;
}

// How far a recording got. A frame that cannot be understood ends it.
struct Passed {
  std::string expected;
  std::string bytes;
  bool finished = false;
};

Passed pass(const std::vector<std::string>& chunks, bool stream) {
  const auto dialect = make_openai_chat({});
  const auto body = Buffer::copy_of(
      std::string(R"({"model":"gemini-2.5-flash","web_search_options":{},"logprobs":true,)") +
      R"("messages":[{"role":"user","content":"Hi"}],"stream":)" + (stream ? "true}" : "false}"));
  auto parsed = dialect->parse({.http_method = "POST", .path = "/chat/completions", .body = body});
  const auto encoder = (*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  Passed result;
  gemini::Tally tally;
  json::Document document;
  for (const std::string& chunk : chunks) {
    const auto json = Buffer::copy_of(chunk);
    if (!encoder->frame({.json = json->padded(), .wire = chunk}, tally, result.bytes))
      return result;
    const auto root = document.parse(json->padded());
    EXPECT_TRUE(root);
    result.expected += visible_text(*root);
  }
  result.finished = encoder->finish(tally, result.bytes).has_value();
  return result;
}

class RecordedAnswer : public testing::TestWithParam<std::string> {};

TEST_P(RecordedAnswer, PassesWithoutLoss) {
  const std::vector<std::string> chunks = chunks_of(fixtures() / GetParam());
  for (const bool stream : {false, true}) {
    const Passed passed = pass(chunks, stream);
    // A whole answer that cannot be completed is an error and has no bytes.
    if (!stream && !passed.finished) continue;
    const std::string given = given_text(passed.bytes, stream);
    if (given == passed.expected) continue;
    // Code and images are put between the texts; the texts themselves are all there.
    std::size_t at = 0;
    for (const std::string& chunk : chunks) {
      const auto json = Buffer::copy_of(chunk);
      json::Document document;
      const auto root = document.parse(json->padded());
      if (!root) break;
      for (const json::Value candidate : (*root)["candidates"]) {
        for (const json::Value part : candidate["content"]["parts"]) {
          if (part["thought"].boolean() == true) continue;
          const std::string text(part["text"].string_or(""));
          const std::size_t found = given.find(text, at);
          ASSERT_NE(found, given.npos) << "lost: " << text << "\nin: " << given;
          at = found + text.size();
        }
      }
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
                      folder == "vercel-ai-google";
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

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordedAnswer);
INSTANTIATE_TEST_SUITE_P(Files, RecordedAnswer, testing::ValuesIn(recordings()), test_name);

TEST(RecordedAnswers, AreThere) {
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

}  // namespace
}  // namespace wasat::dialect::openai_chat
