#include "gateway/live_message.h"

#include <gtest/gtest.h>

namespace wasat::gateway {
namespace {

Result<LiveSetup> read(std::string_view text, std::vector<gemini::ModelAlias> rows = {}) {
  const gemini::ModelAliases aliases(std::move(rows));
  const std::shared_ptr<Buffer> message = Buffer::copy_of(text);
  return read_live_setup(message->padded(), aliases);
}

TEST(LiveSetup, TheModelIsResolvedAndAllElseStays) {
  const Result<LiveSetup> setup =
      read("{ \"setup\" : {\"future\":[1], \"model\": \"models/talk\" ,\"generationConfig\":{}} }",
           {{"talk", "gemini-2.0-flash-live-001"}});
  ASSERT_TRUE(setup.has_value());
  EXPECT_EQ(setup->model, "talk");
  EXPECT_EQ(setup->upstream_model, "gemini-2.0-flash-live-001");
  EXPECT_EQ(setup->message,
            "{ \"setup\" : {\"future\":[1], \"model\": \"models/gemini-2.0-flash-live-001\" "
            ",\"generationConfig\":{}} }");
}

TEST(LiveSetup, ABareNameBecomesAResource) {
  EXPECT_EQ(read(R"({"setup":{"model":"gemini-2.0-flash-live-001"}})")->message,
            R"({"setup":{"model":"models/gemini-2.0-flash-live-001"}})");
}

TEST(LiveSetup, WithoutAModelItGoesAsItIs) {
  const Result<LiveSetup> setup = read(R"({"setup":{}})");
  ASSERT_TRUE(setup.has_value());
  EXPECT_EQ(setup->upstream_model, "");
  EXPECT_EQ(setup->message, R"({"setup":{}})");
}

TEST(LiveSetup, WhatIsNone) {
  for (const std::string_view text :
       {"", "hello", "[]", "{}", R"({"setup":1})", R"({"clientContent":{"turns":[]}})", "\xff"}) {
    const Result<LiveSetup> setup = read(text);
    ASSERT_FALSE(setup.has_value()) << text;
    EXPECT_EQ(setup.error().kind, ErrorKind::kInvalidRequest) << text;
  }
  EXPECT_EQ(read(R"({"setup":{"model":"models/../x"}})").error().kind, ErrorKind::kModelNotFound);
}

TEST(LiveSetup, TellsWhatItNeedsAnOwnerFor) {
  const Result<LiveSetup> setup = read(
      R"({"setup":{"model":"m","sessionResumption":{"handle":"h-1"},"systemInstruction":{"parts":[)"
      R"({"fileData":{"fileUri":"https://generativelanguage.googleapis.com/v1beta/files/abc"}}]}}})");
  ASSERT_TRUE(setup.has_value());
  EXPECT_EQ(setup->resumes, "h-1");
  EXPECT_EQ(setup->resources, std::vector<std::string>{"files/abc"});
  EXPECT_EQ(read(R"({"setup":{"session_resumption":{"handle":"h-2"}}})")->resumes, "h-2");
  EXPECT_EQ(read(R"({"setup":{"sessionResumption":{}}})")->resumes, "");
}

TEST(LiveHandle, IsFoundWhereItStands) {
  const std::string text = R"({"sessionResumptionUpdate":{"newHandle":"h-1","resumable":true}})";
  EXPECT_TRUE(may_tell_handle(text));
  EXPECT_EQ(read_live_handle(Buffer::copy_of(text)->padded()), "h-1");
  EXPECT_FALSE(may_tell_handle(R"({"serverContent":{"turnComplete":true}})"));
  for (const std::string& none :
       {std::string(R"({"sessionResumptionUpdate":{"resumable":false}})"), std::string("no JSON"),
        std::string(R"({"serverContent":{"text":"\"newHandle\""}})"),
        R"({"sessionResumptionUpdate":{"newHandle":")" + std::string(5000, 'h') + R"("}})"}) {
    EXPECT_EQ(read_live_handle(Buffer::copy_of(none)->padded()), "") << none.substr(0, 80);
  }
}

TEST(LiveUsage, IsFoundWhereItStands) {
  EXPECT_FALSE(may_tell_usage(R"({"serverContent":{"turnComplete":true}})"));
  EXPECT_FALSE(may_tell_usage(std::string(1 << 20, 'x') + R"({"usageMetadata":{}})"));
  const std::string text =
      R"({"serverContent":{"turnComplete":true},"usageMetadata": {"promptTokenCount":3,)"
      R"("responseTokenCount":5,"thoughtsTokenCount":2,"totalTokenCount":10}})";
  EXPECT_TRUE(may_tell_usage(text));
  const gemini::Usage usage = read_live_usage(Buffer::copy_of(text)->padded());
  EXPECT_EQ(usage.prompt, 3);
  EXPECT_EQ(usage.candidates, 5);
  EXPECT_EQ(usage.thoughts, 2);
  EXPECT_EQ(usage.total, 10);
  EXPECT_EQ(read_live_usage(Buffer::copy_of("no JSON")->padded()).total, 0);
}

TEST(LiveUsage, SoundIsCountedApart) {
  const gemini::Usage usage = read_live_usage(
      Buffer::copy_of(R"({"usageMetadata":{"promptTokenCount":30,"responseTokenCount":50,)"
                      R"("promptTokensDetails":[{"modality":"AUDIO","tokenCount":25},)"
                      R"({"modality":"TEXT","tokenCount":5}],)"
                      R"("responseTokensDetails":[{"modality":"AUDIO","tokenCount":50}]}})")
          ->padded());
  EXPECT_EQ(usage.audio_prompt, 25);
  EXPECT_EQ(usage.media_candidates, 50);
}

}  // namespace
}  // namespace wasat::gateway
