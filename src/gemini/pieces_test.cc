#include "gemini/pieces.h"

#include <gtest/gtest.h>

namespace wasat::gemini {
namespace {

std::optional<PieceCall> asked(std::string path, std::string body, std::string method = "POST") {
  return piece_call({.method = Method::kRaw,
                     .body = Body::of(Buffer::copy_of(body)),
                     .http_method = std::move(method),
                     .path = std::move(path)});
}

TEST(Pieces, CountsThePicturesThatAreAskedFor) {
  const std::string path = "/v1beta/models/imagen-4.0-generate-001:predict";
  const auto three =
      asked(path, R"({"instances":[{"prompt":"a"}],"parameters":{"sampleCount":3}})");
  ASSERT_TRUE(three);
  EXPECT_EQ(three->method, "predict");
  EXPECT_EQ(three->model, "imagen-4.0-generate-001");
  EXPECT_EQ(three->pieces.images, 3);
  EXPECT_EQ(three->pieces.seconds, 0);
  EXPECT_EQ(asked(path, R"({"instances":[{"prompt":"a"}]})")->pieces.images, 4);
  EXPECT_EQ(asked(path, R"({"instances":[{},{}],"parameters":{"sampleCount":"2"}})")->pieces.images,
            4);
  EXPECT_EQ(asked(path, R"({"parameters":{"sampleCount":-1}})")->pieces.images, 4);
  EXPECT_EQ(asked(path, "")->pieces.images, 4);
  EXPECT_EQ(asked(path, "no JSON")->pieces.images, 4);
}

TEST(Pieces, CountsTheSecondsOfAllFilms) {
  const std::string path = "/v1beta/models/veo-3.0-generate-001:predictLongRunning";
  EXPECT_EQ(asked(path, R"({"instances":[{"prompt":"a"}]})")->pieces.seconds, 8);
  EXPECT_EQ(asked(path, R"({"parameters":{"durationSeconds":6,"sampleCount":2}})")->pieces.seconds,
            12);
  EXPECT_EQ(asked(path, R"({"parameters":{"durationSeconds":"4"}})")->pieces.seconds, 4);
  EXPECT_EQ(asked(path, "{}")->pieces.images, 0);
}

TEST(Pieces, KnowsNoOtherCalls) {
  EXPECT_FALSE(asked("/v1beta/models/imagen-4:predict", "{}", "GET"));
  EXPECT_FALSE(asked("/v1beta/models/gemini-2.5-flash:batchGenerateContent", "{}"));
  EXPECT_FALSE(asked("/v1beta/models/a/b:predict", "{}"));
  EXPECT_FALSE(asked("/v1beta/tunedModels/x:predict", "{}"));
  EXPECT_FALSE(asked("/v1beta/files", "{}"));
  EXPECT_FALSE(asked("/v1beta/models/imagen-4%3Apredict", "{}"));
}

}  // namespace
}  // namespace wasat::gemini
