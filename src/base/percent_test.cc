#include "base/percent.h"

#include <gtest/gtest.h>

namespace wasat {
namespace {

TEST(Percent, DigitsOfBothCases) {
  EXPECT_EQ(percent_decoded("a%20b%C3%a9"), "a b\xc3\xa9");
  EXPECT_EQ(percent_decoded("%25%32%30"), "%20");  // once
  EXPECT_EQ(percent_decoded("a+b"), "a+b");
}

TEST(Percent, WhatIsNoEscapeStays) {
  for (const char* text : {"", "%", "%4", "%zz", "%4g", "100%", "%+1", "%-1"}) {
    EXPECT_EQ(percent_decoded(text), text);
  }
}

TEST(Percent, HexDigits) {
  int digits = 0;
  for (int c = -128; c < 128; ++c) {
    if (hex_digit(static_cast<char>(c)) >= 0) ++digits;
  }
  EXPECT_EQ(digits, 22);
  EXPECT_EQ(hex_digit('f'), 15);
  EXPECT_EQ(hex_digit('A'), 10);
}

}  // namespace
}  // namespace wasat
