#include "dialect/conversation/usage.h"

#include <gtest/gtest.h>

namespace wasat::dialect {
namespace {

TEST(ReadUsage, WhatIsPricedApartIsCountedApart) {
  const auto bytes = Buffer::copy_of(
      R"({"promptTokenCount":30,"candidatesTokenCount":1300,"cachedContentTokenCount":4,)"
      R"("promptTokensDetails":[{"modality":"TEXT","tokenCount":5},)"
      R"({"modality":"AUDIO","tokenCount":25},{"modality":"AUDIO","tokenCount":-9},7],)"
      R"("candidatesTokensDetails":[{"modality":"IMAGE","tokenCount":1290},)"
      R"({"modality":"AUDIO","tokenCount":3},{"modality":"TEXT","tokenCount":7}]})");
  json::Document document;
  const Result<json::Value> root = document.parse(bytes->padded());
  ASSERT_TRUE(root);
  gemini::Usage usage;
  read_usage(*root, usage);
  EXPECT_EQ(usage.prompt, 30);
  EXPECT_EQ(usage.cached, 4);
  EXPECT_EQ(usage.audio_prompt, 25);
  EXPECT_EQ(usage.media_candidates, 1293);
}

}  // namespace
}  // namespace wasat::dialect
