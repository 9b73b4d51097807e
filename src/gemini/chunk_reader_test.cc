#include "gemini/chunk_reader.h"

#include <gtest/gtest.h>

#include "base/body.h"
#include "gemini/frames.h"
#include "json/generated_test.h"

namespace wasat::gemini {
namespace {

using json::test::Generated;

// What a tally is told by; nothing when the answer was refused.
std::string told(const Result<>& read, const Tally& tally) {
  if (!read) return "refused";
  const Usage& usage = tally.usage;
  std::string text =
      tally.finish_reason + (tally.content ? " content" : "") + (tally.finished ? " finished" : "");
  for (const std::int64_t count :
       {usage.prompt, usage.candidates, usage.thoughts, usage.tool_prompt, usage.cached,
        usage.total, usage.audio_prompt, usage.media_candidates}) {
    text += " " + std::to_string(count);
  }
  return text;
}

std::string read_at_once(std::string_view text) {
  Tally tally;
  const Result<> read = read_chunk(Buffer::copy_of(text)->padded(), tally);
  return told(read, tally);
}

std::string read_in(const std::vector<std::string_view>& parts) {
  ChunkReader reader;
  Tally tally;
  for (const std::string_view part : parts) {
    if (Result<> pushed = reader.push(part); !pushed) return told(pushed, tally);
  }
  const Result<> finished = reader.finish(tally);
  return told(finished, tally);
}

// Answers by chance, with the members that are read and others, in their places and elsewhere.
class Answers : public Generated {
 public:
  using Generated::Generated;

  std::string object(const std::array<const char*, 6>& names, int depth) {
    std::string text = "{";
    for (std::size_t i = 0, size = 1 + below(4); i < size; ++i) {
      if (i > 0) text += ",";
      const std::string name = one_in(8) ? string() : "\"" + std::string(any(names)) + "\"";
      text += space() + name + space() + ":" + space() + member(name, depth);
    }
    return text + space() + "}";
  }

 private:
  std::string list(const std::array<const char*, 6>& names, int depth) {
    std::string text = "[";
    for (std::size_t i = 0, size = below(3); i < size; ++i) {
      if (i > 0) text += ",";
      text += space() + (one_in(9) ? value(2) : object(names, depth - 1));
    }
    return text + space() + "]";
  }
  std::string member(const std::string& name, int depth) {
    static constexpr std::array<const char*, 6> kCandidate{"content", "finishReason", "content",
                                                           "index",   "parts",        "logprobs"};
    static constexpr std::array<const char*, 6> kPart{
        "text", "thought", "inlineData", "thoughtSignature", "functionCall", "text"};
    static constexpr std::array<const char*, 6> kUsage{
        "promptTokenCount",    "candidatesTokenCount", "totalTokenCount",
        "promptTokensDetails", "thoughtsTokenCount",   "candidatesTokensDetails"};
    static constexpr std::array<const char*, 6> kDetail{"modality",   "tokenCount", "modality",
                                                        "tokenCount", "x",          "text"};
    static constexpr std::array<const char*, 6> kContent{"parts", "role",  "parts",
                                                         "parts", "parts", "text"};
    static constexpr std::array<const char*, 4> kModalities{"\"AUDIO\"", "\"IMAGE\"", "\"TEXT\"",
                                                            "\"au\""};
    if (depth == 0 || one_in(9)) return value(3);
    if (name == "\"candidates\"") return list(kCandidate, depth);
    if (name == "\"content\"") return object(kContent, depth - 1);
    if (name == "\"parts\"") return list(kPart, depth);
    if (name.ends_with("Details\"")) return list(kDetail, depth);
    if (name == "\"usageMetadata\"") return object(kUsage, depth - 1);
    if (name == "\"modality\"") return any(kModalities);
    if (name.ends_with("Count\"")) return std::to_string(below(1000));
    if (name == "\"promptFeedback\"") return "{\"blockReason\": \"SAFETY\"}";
    if (name == "\"finishReason\"") return "\"STOP\"";
    if (name == "\"thought\"") return one_in(2) ? "true" : "false";
    if (name == "\"text\"") return "\"" + std::string(below(2) * below(1000), 'y') + "\"";
    return value(3);
  }
};

constexpr std::array<const char*, 6> kAnswer{"candidates",     "usageMetadata", "candidates",
                                             "promptFeedback", "modelVersion",  "responseId"};

TEST(ChunkReader, TellsWhatReadingAtOnceTells) {
  std::size_t refused = 0;
  std::size_t with_content = 0;
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    Answers answers(seed);
    const std::string text = answers.space() + answers.object(kAnswer, 8) + answers.space();
    const std::string expected = read_at_once(text);
    refused += expected == "refused" ? 1 : 0;
    with_content += expected.contains("content") ? 1 : 0;
    // Long strings are more than a reason of Gemini's, and their beginning is not kept.
    if (expected.contains("xxxxxxxx")) continue;
    ASSERT_EQ(read_in(answers.parts(text)), expected) << seed << ": " << text;
  }
  EXPECT_LT(refused, 2000u) << "such as counts that are none";
  EXPECT_GT(with_content, 500u);
}

TEST(ChunkReader, EverySplitTellsTheSame) {
  const std::string text =
      R"({"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":"image/png","data":")" +
      std::string(300, 'A') + R"("},"thoughtSignature":")" + std::string(200, 'B') +
      R"("}],"role":"model"},"finishReason":"STOP","index":0,"safetyRatings":[{"a":[1,2]}]}],)"
      R"("usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":"1290","totalTokenCount":1297,)"
      R"("candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290}]}})";
  const std::string expected = read_at_once(text);
  EXPECT_EQ(expected, "STOP content finished 7 1290 0 0 0 1297 0 1290");
  const std::string_view view = text;
  std::vector<std::string_view> bytes;
  for (std::size_t at = 0; at <= view.size(); ++at) {
    ASSERT_EQ(read_in({view.substr(0, at), view.substr(at)}), expected) << at;
    if (at < view.size()) bytes.push_back(view.substr(at, 1));
  }
  EXPECT_EQ(read_in(bytes), expected);
}

TEST(ChunkReader, ALongTextIsContentAndALongThoughtIsNone) {
  const std::string text = R"({"candidates":[{"content":{"parts":[{"text":")" +
                           std::string(1000, 'w') + R"(","thought":)";
  EXPECT_TRUE(read_in({text + "false}]}}]}"}).contains("content"));
  EXPECT_FALSE(read_in({text + "true}]}}]}"}).contains("content"));
}

TEST(ChunkReader, WhatIsNoJsonIsRefusedWhereItShows) {
  ChunkReader reader;
  EXPECT_TRUE(reader.push(R"({"candidates":[)"));
  const Result<> pushed = reader.push("<html>");
  ASSERT_FALSE(pushed);
  EXPECT_EQ(pushed.error().source, ErrorSource::kUpstream);
  EXPECT_EQ(read_in({R"({"candidates":[])"}), "refused") << "not all of it";
  EXPECT_EQ(read_in({"[]"}), "refused") << "no object";
  EXPECT_EQ(read_in({"{}", "{}"}), "refused");
  EXPECT_EQ(read_in({""}), "refused");
}

// However much there is beside what is read.
TEST(ChunkReader, IsBounded) {
  std::string numbers = R"({"embeddings":[{"values":[)";
  for (int i = 0; i < 500'000; ++i) numbers += "0.125,";
  EXPECT_EQ(read_in({numbers + R"(1]}],"usageMetadata":{"promptTokenCount":5}})"}),
            " 5 0 0 0 0 0 0 0");

  // Too many parts even so: nothing is known, and it is well all the same.
  std::string parts = R"({"candidates":[{"content":{"parts":[)";
  for (int i = 0; i < 100'000; ++i) parts += R"({"text":"some words"},)";
  EXPECT_EQ(read_in({parts + R"({}]}}],"usageMetadata":{"promptTokenCount":5}})"}),
            " 0 0 0 0 0 0 0 0");
}

}  // namespace
}  // namespace wasat::gemini
