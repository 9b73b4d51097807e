#include "dialect/conversation/citations.h"

#include <gtest/gtest.h>

#include "json/writer.h"

namespace wasat::dialect {
namespace {

// Law: the same as counting characters one by one.
TEST(TextPositions, CountCharactersBeforeEachByte) {
  const std::vector<std::string> texts = {"a", "é€😀", "\n\"\\", std::string(200, 'x') + "ü",
                                          "",  "z"};
  TextPositions positions;
  std::string all;
  std::vector<std::size_t> begins;
  for (const std::string& text : texts) {
    begins.push_back(all.size());
    positions.begin_part(true);
    std::string escaped;
    json::append_escaped(escaped, text);
    positions.append(escaped);
    all += text;
  }
  for (std::size_t part = 0; part < texts.size(); ++part) {
    for (std::size_t offset = 0; offset <= texts[part].size(); ++offset) {
      std::int64_t expected = 0;
      for (std::size_t i = 0; i < begins[part] + offset; ++i) {
        if ((static_cast<unsigned char>(all[i]) & 0xC0) != 0x80) ++expected;
      }
      EXPECT_EQ(positions.characters_before(part, offset), expected) << part << " " << offset;
    }
  }
}

TEST(TextPositions, UnderstandEscapes) {
  TextPositions positions;
  positions.begin_part(true);
  positions.append(R"(\u0041\u00e9\u20ac\ud83d\ude00\ud800x)");  // 1, 2, 3, 4, 3 and 1 bytes
  const std::vector<std::pair<std::size_t, std::int64_t>> places = {
      {1, 1}, {3, 2}, {6, 3}, {10, 4}, {13, 5}, {14, 6}, {99, 6}};
  for (const auto& [byte, characters] : places) {
    EXPECT_EQ(positions.characters_before(0, byte), characters) << byte;
  }
}

TEST(TextPositions, ThoughtsAreNoPlace) {
  TextPositions positions;
  positions.begin_part(false);
  positions.begin_part(true);
  positions.append("ab");
  positions.begin_part(true);
  positions.append("cd");
  EXPECT_EQ(positions.characters_before(0, 1), 1);
  EXPECT_EQ(positions.characters_before(1, 1), 1);
  EXPECT_EQ(positions.characters_before(2, 1), 3);
  EXPECT_EQ(positions.characters_before(77, 2), 2);
  EXPECT_EQ(TextPositions().characters_before(0, 5), 0);
}

}  // namespace
}  // namespace wasat::dialect
