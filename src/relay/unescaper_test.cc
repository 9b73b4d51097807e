#include "relay/unescaper.h"

#include <gtest/gtest.h>

#include "base/body.h"
#include "json/generated_test.h"
#include "json/reader.h"

namespace wasat::relay {
namespace {

using json::test::Generated;

class Text final : public MessageSink {
 public:
  Take member(int /*level*/, std::string_view /*name*/, json::Type /*type*/) override {
    return Take::kSkip;
  }
  Take member_again(int /*level*/, std::string_view /*name*/, json::Type /*type*/) override {
    return Take::kSkip;
  }
  Take element(json::Type /*type*/) override { return Take::kSkip; }
  void value(json::Value /*value*/) override {}
  void piece(std::string_view bytes, bool last) override {
    EXPECT_FALSE(is_complete);
    text += bytes;
    is_complete = last;
  }
  void ended() override {}
  void broken(std::string_view /*why*/) override {}

  std::string text;
  bool is_complete = false;
};

std::string unescaped(const std::vector<std::string_view>& parts) {
  Unescaper unescaper;
  Text text;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    unescaper.push(parts[i], i + 1 == parts.size(), text);
  }
  EXPECT_TRUE(text.is_complete);
  return text.text;
}

// What the reader makes of it.
std::string meaning(std::string_view escaped) {
  json::Document document;
  const auto buffer = Buffer::copy_of("\"" + std::string(escaped) + "\"");
  const auto value = document.parse(buffer->padded());
  EXPECT_TRUE(value.has_value()) << escaped;
  return std::string(value ? value->string_or("") : "");
}

TEST(Unescaper, EverySplit) {
  for (const std::string_view text :
       {"", "plain", R"(\"\\\/\b\f\n\r\t)", R"(\u0041\u00e4\u20ac\ud83d\ude00)", R"(\ud83d)",
        R"(\ud83dx)", R"(\ud83d\n)", R"(\ud83d\u0041)", R"(\ud83d\ud83d\ude00)", R"(\ud83d\ud83d)",
        R"(\ude00\ud83d)", R"(a\u0000b)"}) {
    for (std::size_t i = 0; i <= text.size(); ++i) {
      for (std::size_t k = i; k <= text.size(); ++k) {
        EXPECT_EQ(unescaped({text.substr(0, i), text.substr(i, k - i), text.substr(k)}),
                  meaning(text))
            << text << " at " << i << " and " << k;
      }
    }
  }
}

TEST(Unescaper, ByChance) {
  for (unsigned seed = 0; seed < 5'000; ++seed) {
    Generated generated(seed);
    const std::string text = generated.string();
    const std::string_view inside = std::string_view(text).substr(1, text.size() - 2);
    EXPECT_EQ(unescaped(generated.parts(inside)), meaning(inside)) << seed;
  }
}

}  // namespace
}  // namespace wasat::relay
