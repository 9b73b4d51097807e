#include "dialect/openai_media/speech_encoder.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "media/audio_encoder.h"

namespace wasat::dialect::openai_media {
namespace {

std::string chunk_of(std::string_view pcm) {
  return R"({"candidates":[{"content":{"parts":[{"inlineData":{"mimeType":)"
         R"("audio/L16;codec=pcm;rate=24000","data":")" +
         to_base64(pcm) + R"("}}]},"finishReason":"STOP"}]})";
}

std::string spoken(media::AudioFormat format, const std::vector<std::string_view>& pieces) {
  const auto encoder = make_speech_encoder({.format = format});
  gemini::Tally tally;
  std::string out;
  for (const std::string_view piece : pieces) {
    const auto json = Buffer::copy_of(chunk_of(piece));
    EXPECT_TRUE(encoder->frame({.json = json->padded(), .wire = {}}, tally, out).has_value());
  }
  EXPECT_TRUE(tally.content);
  EXPECT_TRUE(encoder->finish(tally, out).has_value());
  return out;
}

// The coders themselves are tested by decoding in media/audio_encoder_test.cc.
TEST(SpeechEncoder, ChunksMakeOneFile) {
  std::string pcm;
  for (int i = 0; i < 20000; ++i) pcm += static_cast<char>(i * i / 7);
  for (const auto format : {media::AudioFormat::kMp3, media::AudioFormat::kOpus,
                            media::AudioFormat::kAac, media::AudioFormat::kPcm}) {
    const std::string whole = spoken(format, {pcm});
    EXPECT_GT(whole.size(), 1000u);
    const std::string_view view = pcm;
    EXPECT_TRUE(spoken(format, {view.substr(0, 4801), view.substr(4801, 10), view.substr(4811)}) ==
                whole)
        << media::content_type(format);
  }
}

TEST(SpeechEncoder, PcmIsKnownInAllItsSpellings) {
  EXPECT_EQ(pcm_shape("audio/L16;codec=pcm;rate=24000"), (media::PcmShape{24000, 1}));
  EXPECT_EQ(pcm_shape("audio/l16; rate=16000; channels=2"), (media::PcmShape{16000, 2}));
  EXPECT_EQ(pcm_shape("audio/pcm"), (media::PcmShape{24000, 1}));
  EXPECT_EQ(pcm_shape("audio/L16;rate=9999999"), (media::PcmShape{24000, 1}));
  EXPECT_EQ(pcm_shape("audio/mpeg"), std::nullopt);
  EXPECT_EQ(pcm_shape(""), std::nullopt);
}

}  // namespace
}  // namespace wasat::dialect::openai_media
