#include "net/socks5.h"

#include <gtest/gtest.h>

namespace wasat::net {
namespace {

using namespace std::string_literals;

// Gives the proxy's bytes as they are asked for; what was sent, or the error's text.
std::string converse(Socks5& socks, std::string_view answer, std::string* left = nullptr) {
  std::string sent = socks.take_output();
  while (socks.wants() > 0) {
    if (answer.size() < socks.wants()) return "short";
    const std::size_t wants = socks.wants();
    const Result<> taken = socks.take(answer.substr(0, wants));
    if (!taken) return taken.error().detail;
    answer.remove_prefix(wants);
    sent += "|" + socks.take_output();
  }
  if (left != nullptr) *left = answer;
  return sent;
}

TEST(Socks5, AsksForANameWithoutAuthentication) {
  Socks5 socks("example.com", 443, "", "");
  std::string left;
  EXPECT_EQ(converse(socks, "\5\0\5\0\0\1\1\2\3\4\0\x50TLS"s, &left),
            "\5\1\0|\5\1\0\3\x0b"
            "example.com\1\xbb||"s);
  EXPECT_EQ(left, "TLS");
  EXPECT_EQ(socks.wants(), 0u);
}

TEST(Socks5, PresentsUserAndPasswordWhenTheProxyWantsThem) {
  Socks5 socks("1.2.3.4", 80, "me", "secret");
  EXPECT_EQ(converse(socks, "\5\2\1\0\5\0\0\4"s + std::string(18, 'x')),
            "\5\2\0\2|\1\2me\6secret|\5\1\0\1\1\2\3\4\0\x50||"s);
  Socks5 open("::1", 80, "me", "secret");
  EXPECT_EQ(converse(open, "\5\0\5\0\0\3\1a\0\0"s),
            "\5\2\0\2|\5\1\0\4"s + std::string(15, '\0') + "\1\0\x50|||"s);
}

TEST(Socks5, SaysWhatTheProxyRefused) {
  const std::pair<std::string, std::string> cases[] = {
      {"\5\xff"s, "wants a user name and password: put them into its URL"},
      {"\5\2"s, "chose a way to authenticate that was not offered"},
      {"\5\1"s, "chose a way to authenticate that was not offered"},
      {"\4\0"s, "does not speak SOCKS5"},
      {"HTTP/1.1 400", "does not speak SOCKS5"},
      {"\5\0\5\2\0\1"s, "did not connect to h:1: its rules do not allow the connection"},
      {"\5\0\5\x63\0\1"s, "did not connect to h:1: it gave a reply that does not exist"},
      {"\5\0\4\0\0\1"s, "broke the rules of SOCKS5"},
      {"\5\0\5\0\1\1"s, "broke the rules of SOCKS5"},
      {"\5\0\5\0\0\2"s, "gave a kind of address that does not exist"},
      {"\5\0\5\0\0\3\0"s, "gave an address without a name"},
      {"\5\0\5\0\0\1\1\2\3"s, "short"},
      {"", "short"},
  };
  for (const auto& [answer, text] : cases) {
    Socks5 socks("h", 1, "", "");
    EXPECT_EQ(converse(socks, answer), text);
  }
  Socks5 refused("h", 1, "me", "secret");
  EXPECT_EQ(converse(refused, "\5\2\1\1"s), "refused the user name and password of its URL");
  Socks5 version("h", 1, "me", "secret");
  EXPECT_EQ(converse(version, "\5\2\5\0"s), "does not speak RFC 1929");
}

TEST(Socks5, TakesExactlyWhatItAskedFor) {
  Socks5 socks("h", 1, "", "");
  EXPECT_FALSE(socks.take(std::string_view("\5", 1)));
  EXPECT_FALSE(socks.take(std::string_view("\5\0\5", 3)));
}

}  // namespace
}  // namespace wasat::net
