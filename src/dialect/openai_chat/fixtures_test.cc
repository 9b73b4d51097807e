// Every recorded answer passes through both encoders: nothing crashes, and no
// text that a client should see is lost.

#include <gtest/gtest.h>

#include <sstream>
#include <string>

#include "dialect/openai_chat/dialect.h"
#include "dialect/recordings_test.h"

namespace wasat::dialect::openai_chat {
namespace {

using test::Passed;
using test::Tree;

std::string content_of(json::Value message) {
  return std::string(message["content"].string_or(""));
}

std::string given_text(const std::string& bytes, bool stream) {
  if (!stream) {
    const Tree answer(bytes);
    EXPECT_TRUE(answer.parsed) << bytes;
    return content_of((*answer.root["choices"].begin())["message"]);
  }
  std::string text;
  std::istringstream lines(bytes);
  std::string line;
  while (std::getline(lines, line)) {
    if (!line.starts_with("data: {")) continue;
    const Tree chunk(std::string_view(line).substr(6));
    EXPECT_TRUE(chunk.parsed) << line;
    for (const json::Value choice : chunk.root["choices"]) text += content_of(choice["delta"]);
  }
  return text;
}

Passed pass(const std::string& recording, bool stream) {
  return test::pass(
      *make_openai_chat(), "/chat/completions",
      std::string(R"({"model":"gemini-2.5-flash","web_search_options":{},"logprobs":true,)") +
          R"("messages":[{"role":"user","content":"Hi"}],"stream":)" +
          (stream ? "true}" : "false}"),
      test::recorded_chunks(recording));
}

class RecordedAnswer : public testing::TestWithParam<std::string> {};

TEST_P(RecordedAnswer, PassesWithoutLoss) {
  for (const bool stream : {false, true}) {
    const Passed passed = pass(GetParam(), stream);
    // A whole answer that cannot be completed is an error and has no bytes.
    if (!stream && !passed.finished) continue;
    test::expect_in_order(passed.expected.texts, given_text(passed.bytes, stream));
  }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(RecordedAnswer);
INSTANTIATE_TEST_SUITE_P(Files, RecordedAnswer, testing::ValuesIn(test::recorded_answers()),
                         test::recording_name);

TEST(RecordedAnswers, AreThere) {
  WASAT_SKIP_WITHOUT_RECORDINGS();
  EXPECT_GT(test::recorded_answers().size(), 100u);
  // And most of them are answers indeed, not refusals.
  int finished = 0;
  for (const std::string& name : test::recorded_answers()) {
    if (pass(name, true).finished) ++finished;
  }
  EXPECT_GT(finished, 80);
}

}  // namespace
}  // namespace wasat::dialect::openai_chat
