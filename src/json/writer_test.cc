#include "json/writer.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "json/reader.h"

namespace wasat::json {
namespace {

std::string escaped(std::string_view text) {
  std::string out;
  append_escaped(out, text);
  return out;
}

TEST(JsonWriter, PutsCommasWhereTheyBelong) {
  std::string out;
  Writer writer(out);
  writer.begin_object()
      .member("a", 1)
      .member("b", "text")
      .key("c")
      .begin_array()
      .null()
      .boolean(true)
      .begin_object()
      .end_object()
      .begin_array()
      .end_array()
      .number(2.5)
      .end_array()
      .member_raw("d", "[1, 2]")
      .key_escaped("\"e\"")
      .string("")
      .end_object();
  EXPECT_EQ(out, R"({"a":1,"b":"text","c":[null,true,{},[],2.5],"d":[1, 2],"\"e\"":""})");
}

TEST(JsonWriter, EscapesWhatMustBe) {
  EXPECT_EQ(escaped("plain ASCII text, long enough for words"),
            "plain ASCII text, long enough for words");
  EXPECT_EQ(escaped("a\"b\\c\n\r\t\b\f\x01\x1f/\x7f"), R"(a\"b\\c\n\r\t\b\f\u0001\u001f/)"
                                                       "\x7f");
  EXPECT_EQ(escaped("é€😀"), "é€😀");
  EXPECT_EQ(escaped(std::string_view("\0", 1)), "\\u0000");
}

TEST(JsonWriter, InvalidUtf8BecomesReplacementCharacters) {
  EXPECT_EQ(escaped("a\x80z"), "a\uFFFDz");
  EXPECT_EQ(escaped("\xE2\x82"), "\uFFFD\uFFFD");
  EXPECT_EQ(escaped("\xED\xA0\x80"), "\uFFFD\uFFFD\uFFFD");
  EXPECT_EQ(escaped("1234567\xF0\x9F\x98\x80\xFF"), "1234567😀\uFFFD");
}

// Law: whatever the bytes, what is written can be read, and valid UTF-8 comes back.
TEST(JsonWriter, StringsReadBack) {
  for (int seed = 0; seed < 500; ++seed) {
    std::string text;
    bool ascii = true;
    for (unsigned i = 0, x = static_cast<unsigned>(seed) * 2654435761u + 1; i < x % 40; ++i) {
      x = x * 1664525u + 1013904223u;
      text += static_cast<char>(x >> 24);
      ascii = ascii && (x >> 31) == 0;
    }
    std::string out;
    append_string(out, text);
    Document document;
    const auto buffer = Buffer::copy_of(out);
    const auto root = document.parse(buffer->padded());
    ASSERT_TRUE(root) << out;
    if (ascii) EXPECT_EQ(root->string(), text);
  }
}

TEST(JsonWriter, NumbersAreShortAndReadBack) {
  const auto text = [](double value) {
    std::string out;
    Writer(out).number(value);
    return out;
  };
  EXPECT_EQ(text(0.1), "0.1");
  EXPECT_EQ(text(1e300), "1e+300");
  EXPECT_EQ(text(3), "3");
  EXPECT_EQ(text(std::nan("")), "null");
  EXPECT_EQ(text(std::numeric_limits<double>::infinity()), "null");
  std::string out;
  Writer(out).begin_array().number(INT64_MIN).number(INT64_MAX).end_array();
  EXPECT_EQ(out, "[-9223372036854775808,9223372036854775807]");
}

TEST(JsonWriter, LongSpansAreSplicedNotCopied) {
  const auto owner = std::make_shared<const std::string>(kSpliceThreshold, 'x');
  std::string out;
  Splices splices;
  Writer writer(out, &splices);
  writer.begin_object()
      .member_raw("short", "1")
      .key("data")
      .escaped_string(*owner)
      .key("more")
      .escaped_string(*owner)
      .end_object();
  EXPECT_EQ(out, R"({"short":1,"data":"","more":""})");
  ASSERT_EQ(splices.size(), 2u);
  const Body body = to_body(std::move(out), splices, owner);
  EXPECT_EQ(body.flatten(), R"({"short":1,"data":")" + *owner + R"(","more":")" + *owner + "\"}");
  EXPECT_EQ(body.pieces()[1].data(), owner->data());
  EXPECT_EQ(owner.use_count() > 1, true);
}

TEST(JsonWriter, TakesBackWhatStaysEmpty) {
  std::string out;
  Writer writer(out);
  writer.begin_object().member("a", 1);
  const Writer::Mark mark = writer.mark();
  writer.key("b").begin_object();
  EXPECT_TRUE(writer.at_start());
  writer.roll_back(mark);
  writer.member("c", 2).end_object();
  EXPECT_EQ(out, R"({"a":1,"c":2})");
}

TEST(JsonWriter, OneStringOfSeveralPieces) {
  std::string out;
  Writer(out).begin_array().escaped_string({"a\\n", "", "b"}).number(1.0).end_array();
  EXPECT_EQ(out, R"(["a\nb",1])");
}

TEST(JsonWriter, WithoutSplicesTheBodyIsOnePiece) {
  const Body body = to_body("{}", {}, nullptr);
  ASSERT_EQ(body.pieces().size(), 1u);
  EXPECT_EQ(body.flatten(), "{}");
}

}  // namespace
}  // namespace wasat::json
