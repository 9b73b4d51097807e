#include "base/crypto.h"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace wasat {
namespace {

using namespace std::string_literals;

std::string hmac_hex(std::string_view key, std::string_view message) {
  return hex(as_bytes(HmacKey(Secret(key))(message)));
}

// RFC 4231, test cases 1, 2 and 6.
TEST(HmacKey, AgreesWithThePublishedValues) {
  EXPECT_EQ(hmac_hex(std::string(20, '\x0b'), "Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(hmac_hex("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(
      hmac_hex(std::string(131, '\xaa'), "Test Using Larger Than Block-Size Key - Hash Key First"),
      "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

TEST(HmacKey, GivesTheSameAgain) {
  const HmacKey key(Secret("key"));
  EXPECT_TRUE(same_digest(key("message"), key("message")));
  EXPECT_FALSE(same_digest(key("message"), key("massage")));
}

// RFC 5869, test case 3 (neither salt nor info), its first 32 bytes.
TEST(DeriveKey, AgreesWithThePublishedValue) {
  const Secret master(std::string(22, '\x0b'));
  EXPECT_EQ(hex(derive_key(master, "").reveal()),
            "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST(DeriveKey, GivesOneKeyPerPurpose) {
  const Secret master("0123456789abcdef0123456789abcdef");
  EXPECT_FALSE(derive_key(master, "a").equals(derive_key(master, "b").reveal()));
}

SealKey seal_key(std::string_view name) {
  return SealKey(derive_key(Secret("0123456789abcdef0123456789abcdef"), name));
}

TEST(SealKey, OpensWhatItSealed) {
  const SealKey key = seal_key("a");
  for (const std::string& text : {""s, "x"s, "AIzaSy-a-key"s, "\x00\xff bytes"s}) {
    const std::string sealed = key.seal(text, "credentials|1|secret|1");
    EXPECT_TRUE(text.size() < 8 || sealed.find(text) == std::string::npos);
    const Result<Secret> opened = key.open(sealed, "credentials|1|secret|1");
    ASSERT_TRUE(opened.has_value());
    EXPECT_TRUE(opened->equals(text));
  }
}

TEST(SealKey, UsesEachNonceOnce) {
  const SealKey key = seal_key("a");
  std::set<std::string> nonces;
  for (int i = 0; i < 100; ++i) nonces.insert(key.seal("same", "same").substr(0, 12));
  EXPECT_EQ(nonces.size(), 100u);
}

TEST(SealKey, RefusesAnotherKeyAnotherPlaceAndAnyChangedByte) {
  const SealKey key = seal_key("a");
  const std::string sealed = key.seal("text", "credentials|1|secret|1");
  EXPECT_FALSE(seal_key("b").open(sealed, "credentials|1|secret|1").has_value());
  EXPECT_FALSE(key.open(sealed, "credentials|2|secret|1").has_value());
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    EXPECT_FALSE(key.open(changed, "credentials|1|secret|1").has_value()) << i;
    EXPECT_FALSE(key.open(sealed.substr(0, i), "credentials|1|secret|1").has_value()) << i;
  }
}

}  // namespace
}  // namespace wasat
