#include "dialect/conversation/signature.h"

#include <gtest/gtest.h>

namespace wasat::dialect {
namespace {

TEST(Signature, ComesBackForItsOwnModelAlone) {
  const std::string carrier = wrap_signature(R"(c2ln+/-_\u003d)", "gemini-3-pro-preview");
  EXPECT_EQ(unwrap_signature(carrier, "gemini-3-pro-preview"), "c2ln+/-_=");
  EXPECT_EQ(unwrap_signature(carrier, "gemini-3-flash-preview"), "");
  EXPECT_TRUE(is_wrapped(carrier));
}

// PHP writes "\/" for a slash, and a dialect may pass it on so.
TEST(Signature, EscapedSlashesAreNoHarm) {
  std::string carrier = wrap_signature("a/b=", "m");
  carrier.replace(carrier.find('/'), 1, "\\/");
  EXPECT_EQ(unwrap_signature(carrier, "m"), "a\\/b=");
}

TEST(Signature, OthersAreNotOurs) {
  for (const char* foreign :
       {"", "wst1", "EqQBCkYIBxgCKkDs", "wst1abcdefgh", "wst1abcdefgh!",
        "wst1abc-efghxyz=", "wst1abcdefgh\"", "wst1abcdefgh\\n", "gAAAAABn"}) {
    EXPECT_FALSE(is_wrapped(foreign)) << foreign;
    EXPECT_EQ(unwrap_signature(foreign, "m"), "") << foreign;
  }
}

// Law: a carrier can stand in JSON as it is, whatever the upstream sent.
TEST(Signature, CarriersHoldNothingToEscape) {
  for (const char* odd : {R"(a\"b)", R"(\\)", "a b", R"(\u0022)", "é"}) {
    for (const char c : wrap_signature(odd, "m")) {
      EXPECT_TRUE(std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '=') << odd;
    }
  }
}

}  // namespace
}  // namespace wasat::dialect
