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

TEST(CallEdit, TheBypassTakesThePlaceOfSignatures) {
  const std::optional<Body> bypassed = with_bypassed_signatures(
      Body::of(R"({"contents":[{"parts":[{"text":"a","thoughtSignature":"eA=="}]},{"parts":[)"
               R"({"functionCall":{"name":"f"}},{"functionCall":{"name":"g"}}]},{"parts":[)"
               R"({"thought_signature":"eQ==","functionCall":{"name":"h"}}]}],"tools":[]})"));
  ASSERT_TRUE(bypassed);
  EXPECT_EQ(bypassed->flatten(),
            R"({"contents":[{"parts":[{"text":"a","thoughtSignature":)"
            R"("skip_thought_signature_validator"}]},{"parts":[{"thoughtSignature":)"
            R"("skip_thought_signature_validator","functionCall":{"name":"f"}},)"
            R"({"functionCall":{"name":"g"}}]},{"parts":[{"thought_signature":)"
            R"("skip_thought_signature_validator","functionCall":{"name":"h"}}]}],"tools":[]})");
  EXPECT_FALSE(with_bypassed_signatures(Body::of(R"({"contents":[{"parts":[{"text":"a"}]}]})")));
  EXPECT_FALSE(with_bypassed_signatures(Body::of(R"({"contents":"x"})")));
}

}  // namespace
}  // namespace wasat::gemini
