#include "gateway/affinity.h"

#include <gtest/gtest.h>

namespace wasat::gateway {
namespace {

std::uint64_t of(const std::string& json,
                 gemini::Method method = gemini::Method::kStreamGenerateContent) {
  gemini::Call call;
  call.method = method;
  call.body = Body::of(json);
  return affinity_of(call);
}

const std::string kLong(5000, 'x');

std::string turn(const std::string& text) {
  return R"({"role":"user","parts":[{"text":")" + text + "\"}]}";
}

TEST(Affinity, P56_StaysTheSameAsAConversationGrows) {
  const std::string system =
      R"({"systemInstruction":{"parts":[{"text":")" + kLong + R"("}]},"contents":[)";
  const std::uint64_t first = of(system + turn("hello") + "]}");
  EXPECT_NE(first, 0u);
  EXPECT_EQ(first, of(system + turn("hello") + "," + turn("and then?") + "]}"));
  EXPECT_EQ(first, of(system + turn("hello") + "," + turn(kLong) + R"(],"generationConfig":{}})"));
  EXPECT_NE(first, of(system + turn("good morning") + "]}"));
}

TEST(Affinity, P56_ContentsMayComeFirst) {
  const std::string begin = R"({"contents":[)";
  const std::uint64_t first = of(begin + turn(kLong) + R"(],"tools":[]})");
  EXPECT_EQ(first, of(begin + turn(kLong) + "," + turn("more") + R"(],"tools":[]})"));
  EXPECT_NE(first, of(begin + turn(kLong + "y") + R"(],"tools":[]})"));
}

TEST(Affinity, DoesNotTakeTextForStructure) {
  const std::string begin =
      R"({"systemInstruction":{"parts":[{"text":"\"contents\":[{}]\\"}]},"contents":[)";
  EXPECT_NE(of(begin + turn("a" + kLong) + "]}"), of(begin + turn("b" + kLong) + "]}"));
  const std::string nested = R"({"toolConfig":{"contents":[{}]},"x":"contents","contents":[)";
  EXPECT_NE(of(nested + turn("a" + kLong) + "]}"), of(nested + turn("b" + kLong) + "]}"));
}

TEST(Affinity, PiecesDoNotMatter) {
  const std::string json = R"({"systemInstruction":{"parts":[{"text":"a\"b"}]},"contents":[)" +
                           turn(kLong) + "," + turn("more") + "]}";
  const std::uint64_t whole = of(json);
  for (std::size_t cut = 1; cut < 120; ++cut) {
    gemini::Call call;
    call.method = gemini::Method::kGenerateContent;
    call.body = Body::of(json.substr(0, cut));
    const auto rest = Buffer::copy_of(json.substr(cut));
    call.body.append(rest->view(), rest);
    EXPECT_EQ(affinity_of(call), whole) << cut;
  }
}

TEST(Affinity, ShortPromptsAndOtherCallsGoAnywhere) {
  EXPECT_EQ(of(R"({"contents":[)" + turn("hello") + "]}"), 0u);
  EXPECT_EQ(of(R"({"contents":[)" + turn(kLong) + "]}", gemini::Method::kCountTokens), 0u);
  EXPECT_NE(of(std::string(100'000, '[')), 0u);
}

}  // namespace
}  // namespace wasat::gateway
