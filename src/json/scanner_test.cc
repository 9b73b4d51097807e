#include "json/scanner.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/body.h"
#include "json/find_special.h"
#include "json/generated_test.h"
#include "json/reader.h"

namespace wasat::json {
namespace {

using test::Generated;

constexpr int kDepth = 20;

bool scanned(const std::vector<std::string_view>& parts) {
  Scanner scanner(kDepth);
  for (const std::string_view part : parts) {
    if (!scanner.push(part)) return false;
  }
  return scanner.finish();
}

bool parsed(std::string_view text) {
  Document document;
  return document.parse(Buffer::copy_of(text)->padded(), kDepth).has_value();
}

// What was damaged may not be UTF-8 any more, of which only the reader speaks.
std::string ascii(std::string text) {
  std::ranges::replace_if(text, [](char c) { return static_cast<unsigned char>(c) >= 0x80; }, 'x');
  return text;
}

TEST(JsonScanner, TakesWhatTheReaderTakes) {
  for (unsigned seed = 0; seed < 20'000; ++seed) {
    Generated generated(seed);
    std::string text = generated.space() + generated.value(4) + generated.space();
    if (seed % 3 != 0) text = ascii(generated.damaged(text));
    EXPECT_EQ(scanned(generated.parts(text)), parsed(text)) << seed << ": " << text;
  }
}

TEST(JsonScanner, EverySplit) {
  for (const std::string_view text :
       {R"({"a":[1,-2.5e+3,{"b":"x\u00e4\"\\y"},true,false,null,""],"":{}})",
        "17",
        "-0.5",
        "true",
        R"("\ud83d\ude00")",
        "[[],{}]",
        "",
        " ",
        "-",
        "1.",
        "1e",
        "01",
        "+1",
        "tru",
        "truee",
        R"("\u12g4")",
        "\"\t\"",
        R"({"a"})",
        R"({"a":})",
        R"({,})",
        R"({"a":1,})",
        "[1 2]",
        "[}",
        "{]",
        R"("a"x)",
        "1 2",
        R"({"a":1 "b":2})",
        R"({1:2})",
        "\x01",
        ":",
        R"("a)"}) {
    for (std::size_t at = 0; at <= text.size(); ++at) {
      EXPECT_EQ(scanned({text.substr(0, at), text.substr(at)}), parsed(text)) << text << at;
    }
  }
}

TEST(JsonScanner, Depth) {
  for (const int depth : {kDepth, kDepth + 1}) {
    const auto size = static_cast<std::size_t>(depth);
    EXPECT_EQ(scanned({std::string(size, '[') + std::string(size, ']')}), depth == kDepth);
  }
  EXPECT_FALSE(scanned({std::string(1 << 20, '[')}));
}

TEST(JsonScanner, FindsWhatIsSpecialWhereverItStands) {
  for (std::size_t size = 0; size < 200; ++size) {
    for (std::size_t at = 0; at <= size; ++at) {
      for (const char special : {'"', '\\', '\n', '\0', '\x1f'}) {
        std::string text(size, '\x7f');
        if (at < size) text[at] = special;
        text.append("\"\"");  // not to be seen
        ASSERT_EQ(find_special(text.data(), text.data() + size), text.data() + at);
      }
      std::string others(size, '\xff');
      if (at < size) others[at] = ' ';
      ASSERT_EQ(find_special(others.data(), others.data() + size), others.data() + size);
    }
  }
}

}  // namespace
}  // namespace wasat::json
