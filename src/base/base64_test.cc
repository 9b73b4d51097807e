#include "base/base64.h"

#include <gtest/gtest.h>

namespace wasat {
namespace {

// RFC 4648, section 10.
TEST(Base64, EncodesAsTheStandardSays) {
  EXPECT_EQ(to_base64(""), "");
  EXPECT_EQ(to_base64("f"), "Zg==");
  EXPECT_EQ(to_base64("fo"), "Zm8=");
  EXPECT_EQ(to_base64("foo"), "Zm9v");
  EXPECT_EQ(to_base64("foob"), "Zm9vYg==");
  EXPECT_EQ(to_base64("fooba"), "Zm9vYmE=");
  EXPECT_EQ(to_base64("foobar"), "Zm9vYmFy");
}

TEST(Base64, WhatIsEncodedDecodesBack) {
  std::string bytes;
  for (int n = 0; n < 600; ++n) {
    const std::string text = to_base64(bytes);
    EXPECT_EQ(text.size(), base64_size(bytes.size()));
    EXPECT_EQ(from_base64(text), bytes);
    bytes += static_cast<char>(n * 37 + n / 7);
  }
}

TEST(Base64, AppendsBehindWhatIsThere) {
  std::string out = "data:";
  append_base64(out, "foo");
  EXPECT_EQ(out, "data:Zm9v");
}

TEST(Base64, TakesBothAlphabetsAndNoPadding) {
  EXPECT_EQ(from_base64("-_-_"), from_base64("+/+/"));
  EXPECT_EQ(from_base64("Zg"), "f");
  EXPECT_EQ(from_base64("Zm8"), "fo");
  EXPECT_EQ(from_base64(""), "");
}

TEST(Base64, RefusesEverythingElse) {
  for (const char* text : {"Z", "Zm9v Zm9v", "Zm9v\n", "Zg=a", "====",
                           "Zm\xff"
                           "v",
                           "Zm9vZ"}) {
    EXPECT_EQ(from_base64(text), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace wasat
