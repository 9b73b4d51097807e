// Recorded answers of embeddings, images and speech: all that is in them reaches
// the client.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/base64.h"
#include "dialect/openai_media/dialect.h"
#include "dialect/recordings_test.h"

namespace wasat::dialect::openai_media {
namespace {

// Those of `folder` whose name holds `word`; empty when there are no recordings here.
std::vector<std::filesystem::path> recordings(std::string_view folder, std::string_view word) {
  std::vector<std::filesystem::path> found;
  for (const std::string& name : test::recordings({folder}, word, {""})) {
    found.push_back(test::recordings_folder() / name);
  }
  if (wasat::test::has_recordings()) EXPECT_FALSE(found.empty()) << folder << " " << word;
  return found;
}

// What the client gets of one answer, or the error's text behind "!".
std::string answer(std::string_view path, std::string_view request, std::string_view chunk) {
  static const auto media = make_openai_media();
  auto parsed = media->parse({.http_method = "POST",
                              .path = path,
                              .query = {},
                              .content_type = "application/json",
                              .body = Buffer::copy_of(request)});
  if (!parsed) return "!" + parsed.error().detail;
  const auto encoder = (*parsed)->encoder({.created = 1, .id = "abcdefghijklmnopqrstuvwx"});
  gemini::Tally tally;
  std::string out;
  const auto json = Buffer::copy_of(chunk);
  if (auto result = encoder->frame({.json = json->padded(), .wire = chunk}, tally, out); !result) {
    return "!" + result.error().detail;
  }
  if (auto result = encoder->finish(tally, out); !result) return "!" + result.error().detail;
  return out;
}

// The longest string within a recording: the media.
std::string longest_of(std::string_view text, std::string_view name) {
  const std::size_t at = text.find("\"" + std::string(name) + "\":");
  if (at == text.npos) return {};
  const std::size_t begin = text.find('"', at + name.size() + 3) + 1;
  return std::string(text.substr(begin, text.find('"', begin) - begin));
}

TEST(MediaFixtures, SpeechComesThroughByteByByte) {
  for (const std::filesystem::path& path : recordings("transcribed", "tts_audio")) {
    const std::string chunk = read_file(path);
    const std::string out =
        answer("/audio/speech", R"({"input":"a","response_format":"pcm"})", chunk);
    EXPECT_EQ(to_base64(out), longest_of(chunk, "data")) << path;
  }
}

TEST(MediaFixtures, ImagesComeThroughAsTheyAre) {
  for (const std::filesystem::path& path :
       recordings("firebase-vertexai-sdk-test-data", "generate-images")) {
    const std::string chunk = read_file(path);
    const std::string out =
        answer("/images/generations", R"({"prompt":"a","model":"imagen-4.0-generate-001"})", chunk);
    const std::string image = longest_of(chunk, "bytesBase64Encoded");
    if (image.empty()) {
      EXPECT_TRUE(out.starts_with("!")) << path;  // filtered, or somewhere in Google's storage
    } else {
      EXPECT_TRUE(out.contains(R"("b64_json":")" + image)) << path;
    }
  }
}

// The recordings are shortened: their last "number" says so in words.
TEST(MediaFixtures, EmbeddingsKeepTheirDigits) {
  for (const std::filesystem::path& path : recordings("llm-gemini-cassettes", "test_embedding")) {
    const test::Tree recorded(read_file(path));
    ASSERT_TRUE(recorded.parsed) << path;
    const json::Value body = (*recorded.root.begin())["response"]["body"];
    std::string chunk(body.raw());
    for (std::size_t at = 0; (at = chunk.find("\"<truncated", at)) != chunk.npos;) {
      chunk.replace(at, chunk.find('"', at + 1) + 1 - at, "0");
    }
    const std::size_t count = body["embeddings"].size();
    const std::string out =
        answer("/embeddings", count == 1 ? R"({"input":"a"})" : R"({"input":["a","b"]})", chunk);
    const json::Value first = *(*body["embeddings"].begin())["values"].begin();
    EXPECT_TRUE(out.contains(R"("embedding":[)" + std::string(first.raw()) + ",")) << out;
  }
}

}  // namespace
}  // namespace wasat::dialect::openai_media
