#include "gemini/frames.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/recordings_test.h"
#include "json/reader.h"

namespace wasat::gemini {
namespace {

// A view with the padding that PaddedView promises.
class Padded {
 public:
  explicit Padded(std::string_view text) : bytes_(text) { bytes_.append(kPadding, '"'); }
  operator PaddedView() const {
    return PaddedView::promise(std::string_view(bytes_).substr(0, bytes_.size() - kPadding));
  }

 private:
  std::string bytes_;
};

Tally read(std::string_view text) {
  Tally tally;
  EXPECT_TRUE(read_chunk(Padded(text), tally).has_value()) << text;
  return tally;
}

bool reads(std::string_view text) {
  Tally tally;
  return read_chunk(Padded(text), tally).has_value();
}

TEST(Frames, ATextChunkShowsContentAndUsage) {
  const Tally tally = read(
      R"({"candidates": [{"content": {"parts": [{"text": "Hi"}],"role": "model"},"index": 0}],)"
      R"("usageMetadata": {"promptTokenCount": 7,"candidatesTokenCount": 2,"totalTokenCount": 12,)"
      R"("thoughtsTokenCount": 3,"promptTokensDetails": [{"modality": "TEXT","tokenCount": 99}]}})");
  EXPECT_TRUE(tally.content);
  EXPECT_FALSE(tally.finished);
  EXPECT_EQ(tally.usage.prompt, 7);
  EXPECT_EQ(tally.usage.candidates, 2);
  EXPECT_EQ(tally.usage.thoughts, 3);
  EXPECT_EQ(tally.usage.total, 12);
}

TEST(Frames, CountsThatAreLeftOutKeepTheirLastValue) {
  Tally tally;
  ASSERT_TRUE(read_chunk(
      Padded(R"({"usageMetadata":{"promptTokenCount":7,"candidatesTokenCount":5}})"), tally));
  ASSERT_TRUE(read_chunk(
      Padded(R"({"usageMetadata":{"promptTokenCount":7,"totalTokenCount":"12"}})"), tally));
  EXPECT_EQ(tally.usage.candidates, 5);
  EXPECT_EQ(tally.usage.total, 12);
}

TEST(Frames, WhatIsPricedApartIsCountedApart) {
  Tally tally;
  ASSERT_TRUE(
      read_chunk(Padded(R"({"usageMetadata":{"promptTokenCount":30,"candidatesTokenCount":1300,)"
                        R"("promptTokensDetails":[{"modality":"TEXT","tokenCount":5},)"
                        R"({"modality":"AUDIO","tokenCount":25}],)"
                        R"("candidatesTokensDetails":[{"tokenCount":1290,"modality":"IMAGE"},)"
                        R"({"modality":"TEXT","tokenCount":10},7,{"modality":null}]}})"),
                 tally));
  EXPECT_EQ(tally.usage.audio_prompt, 25);
  EXPECT_EQ(tally.usage.media_candidates, 1290);
  ASSERT_TRUE(read_chunk(
      Padded(R"({"usageMetadata":{"promptTokensDetails":null,"candidatesTokensDetails":[]}})"),
      tally));
  EXPECT_EQ(tally.usage.audio_prompt, 25);
  EXPECT_EQ(tally.usage.media_candidates, 0);
}

TEST(Frames, WhatIsContent) {
  const auto content = [](std::string_view parts) {
    std::string text(R"({"candidates":[{"content":{"parts":)");
    return read(text.append(parts).append("}}]}")).content;
  };
  EXPECT_TRUE(content(R"([{"text":"a"}])"));
  EXPECT_TRUE(content(R"([{"text":""},{"functionCall":{"name":"f","args":{}}}])"));
  EXPECT_TRUE(content(R"([{"inlineData":{"mimeType":"image/png","data":"AA=="}}])"));
  EXPECT_TRUE(content(R"([{"somethingNew":1}])"));
  EXPECT_TRUE(content(R"([{"thought":false,"text":"a"}])"));
  EXPECT_FALSE(content(R"([])"));
  EXPECT_FALSE(content(R"([{}])"));
  EXPECT_FALSE(content(R"([{"text":""}])"));
  EXPECT_FALSE(content(R"([{"text":"","thoughtSignature":"abc"}])"));
  EXPECT_FALSE(content(R"([{"text":"I think","thought":true}])"));
  EXPECT_FALSE(content(R"([{"thought":true,"text":"I think"}])"));
  EXPECT_TRUE(content(R"([{"thought":{"a":[1]},"text":"a"}])"));
}

TEST(Frames, ReasonsToEnd) {
  EXPECT_EQ(read(R"({"candidates":[{"content":{},"finishReason":"SAFETY"}]})").finish_reason,
            "SAFETY");
  EXPECT_TRUE(read(R"({"candidates":[{"finishReason":"STOP"}]})").finished);
  const Tally blocked =
      read(R"({"promptFeedback":{"safetyRatings":[],"blockReason":"PROHIBITED_CONTENT"}})");
  EXPECT_TRUE(blocked.finished);
  EXPECT_EQ(blocked.finish_reason, "BLOCKED:PROHIBITED_CONTENT");
  EXPECT_FALSE(read(R"({"promptFeedback":{"safetyRatings":[]}})").finished);
}

TEST(Frames, SearchesAreCountedOnceHoweverOftenTheyAreTold) {
  Tally tally;
  const auto told = [&tally](std::string queries) {
    std::string text = R"({"candidates":[{"groundingMetadata":{"groundingChunks":[{"web":{}}],)";
    text.append(R"("webSearchQueries":)").append(queries).append("}}]}");
    EXPECT_TRUE(read_chunk(Buffer::copy_of(text)->padded(), tally));
    return tally.usage.searches;
  };
  EXPECT_EQ(told("[]"), 0);
  EXPECT_EQ(told(R"(["a"])"), 1);
  EXPECT_EQ(told(R"(["a","b, \"c\""])"), 2);
  EXPECT_EQ(told(R"(["a","b"])"), 2);
  EXPECT_EQ(told("null"), 2);
}

TEST(Frames, WordsInsideTextMeanNothing) {
  const Tally tally = read(
      R"({"candidates":[{"content":{"parts":[{"text":"\"finishReason\":\"STOP\",\\"},)"
      R"({"functionCall":{"name":"f","args":{"usageMetadata":{"promptTokenCount":5},"finishReason":"STOP"}}}]}}]})");
  EXPECT_FALSE(tally.finished);
  EXPECT_EQ(tally.usage.prompt, 0);
}

TEST(Frames, TornChunksAreSeen) {
  const std::string whole =
      R"({"candidates":[{"content":{"parts":[{"text":"a long text with \"quotes\" and more"}]},)"
      R"("finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":7}})";
  EXPECT_TRUE(reads(whole));
  for (std::size_t cut = 0; cut < whole.size(); ++cut) {
    EXPECT_FALSE(reads(whole.substr(0, cut))) << cut;
  }
  for (const char* text : {"[]", "null", "{} x", "{}{}", R"({"a" 1})", R"({"a":})", R"({"a":1,})",
                           R"({a:1})", R"({"a":[1})", R"({"a":"\)"}) {
    EXPECT_FALSE(reads(text)) << text;
  }
  EXPECT_TRUE(reads(" {\r\n \"a\" : [ ] , \"b\" : { } } \n"));
}

// The same as read_chunk() by way of the full reader.
Tally read_slowly(json::Value chunk, Tally tally) {
  for (const json::Value candidate : chunk["candidates"]) {
    for (const json::Value part : candidate["content"]["parts"]) {
      const bool thought = part["thought"].boolean().value_or(false);
      for (const json::Value member : part) {
        const std::string_view key = member.key();
        if (key == "thought" || key == "thoughtSignature" || thought) continue;
        tally.content = tally.content || key != "text" || !member.string_or("").empty();
      }
    }
    if (const auto reason = candidate["finishReason"].string()) {
      tally.finish_reason = *reason;
      tally.finished = true;
    }
  }
  if (const auto reason = chunk["promptFeedback"]["blockReason"].string()) {
    tally.finish_reason = "BLOCKED:" + std::string(*reason);
    tally.finished = true;
  }
  const json::Value usage = chunk["usageMetadata"];
  tally.usage.prompt = usage["promptTokenCount"].integer().value_or(tally.usage.prompt);
  tally.usage.candidates = usage["candidatesTokenCount"].integer().value_or(tally.usage.candidates);
  tally.usage.thoughts = usage["thoughtsTokenCount"].integer().value_or(tally.usage.thoughts);
  tally.usage.total = usage["totalTokenCount"].integer().value_or(tally.usage.total);
  tally.usage.cached = usage["cachedContentTokenCount"].integer().value_or(tally.usage.cached);
  tally.usage.tool_prompt =
      usage["toolUsePromptTokenCount"].integer().value_or(tally.usage.tool_prompt);
  return tally;
}

std::string shown(const Tally& tally) {
  std::stringstream text;
  text << tally.usage.prompt << ' ' << tally.usage.candidates << ' ' << tally.usage.thoughts << ' '
       << tally.usage.total << ' ' << tally.usage.cached << ' ' << tally.usage.tool_prompt << ' '
       << tally.content << tally.finished << ' ' << tally.finish_reason;
  return text.str();
}

TEST(Frames, RecordedChunksAreReadAsTheFullReaderReadsThem) {
  WASAT_SKIP_WITHOUT_RECORDINGS();
  int chunks = 0;
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator(test::recordings_folder())) {
    if (!entry.is_regular_file()) continue;
    std::ifstream file(entry.path());
    Tally quick;
    Tally slow;
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with("data: ")) line.erase(0, 6);
      const auto buffer = Buffer::copy_of(line);
      json::Document document;
      const auto root = document.parse(buffer->padded());
      if (!root || !root->is_object()) continue;
      ASSERT_TRUE(read_chunk(buffer->padded(), quick).has_value()) << line;
      slow = read_slowly(*root, slow);
      ASSERT_EQ(shown(quick), shown(slow)) << entry.path() << "\n" << line;
      ++chunks;
    }
  }
  EXPECT_GT(chunks, 300);
}

TEST(Frames, DepthIsBounded) {
  const auto nested = [](std::size_t depth) {
    return R"({"a":)" + std::string(depth, '[') + std::string(depth, ']') + "}";
  };
  EXPECT_TRUE(reads(nested(127)));
  EXPECT_FALSE(reads(nested(128)));
  EXPECT_FALSE(reads(nested(1000000)));
}

TEST(Frames, ErrorsInPlaceOfChunks) {
  EXPECT_TRUE(is_error_chunk(Padded(R"({"error":{"code":503}})")));
  EXPECT_TRUE(is_error_chunk(Padded("[{\n  \"error\": {}}]")));
  EXPECT_TRUE(is_error_chunk(Padded(" \r\n{ \"error\" : {}}")));
  EXPECT_FALSE(is_error_chunk(Padded(R"({"candidates":[{"error":1}]})")));
  EXPECT_FALSE(is_error_chunk(Padded(R"({"errors":1})")));
  EXPECT_FALSE(is_error_chunk(Padded("")));
  EXPECT_FALSE(is_error_chunk(Padded("{")));
  EXPECT_FALSE(is_error_chunk(Padded("<html>")));
}

}  // namespace
}  // namespace wasat::gemini
