#include "gemini/call_edit.h"

#include <gtest/gtest.h>

namespace wasat::gemini {
namespace {

TEST(CallEdit, AContinuationComesFirst) {
  EXPECT_EQ(with_continuation(Body::of(R"({"contents":[]})"), "abc=").flatten(),
            R"({"continuationToken":"abc=","contents":[]})");
  EXPECT_EQ(with_continuation(Body::of("{}"), "t").flatten(), R"({"continuationToken":"t"})");
}

TEST(CallEdit, AContinuationOutlivesTheCallItWasMadeOf) {
  Body again;
  {
    Body body;
    for (const char* text : {" ", "{", " ", "\"a\"", ":1", "}"}) {
      auto piece = std::make_shared<std::string>(text);
      body.append(*piece, piece);
    }
    again = with_continuation(body, "t");
  }
  EXPECT_EQ(again.flatten(), R"({"continuationToken":"t","a":1})");
}

TEST(CallEdit, LeavesOutWhatAModelRefuses) {
  const std::optional<Body> shorter = without_refused_options(
      Body::of(R"({"contents":[{"x":"presencePenalty"}],"generationConfig":{"topK":3,)"
               R"("presencePenalty":0.5,"logprobs":2,"stopSequences":["a"]},"b":[1]})"));
  ASSERT_TRUE(shorter);
  EXPECT_EQ(shorter->flatten(),
            R"({"contents":[{"x":"presencePenalty"}],"generationConfig":{"topK":3,)"
            R"("stopSequences":["a"]},"b":[1]})");
  EXPECT_FALSE(without_refused_options(Body::of(R"({"generationConfig":{"topK":3}})")));
  EXPECT_FALSE(without_refused_options(Body::of(R"({"generationConfig":7})")));
  EXPECT_FALSE(without_refused_options(Body::of("no json")));
}

}  // namespace
}  // namespace wasat::gemini
