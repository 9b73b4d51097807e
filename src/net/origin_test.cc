#include "net/origin.h"

#include <gtest/gtest.h>

namespace wasat::net {
namespace {

TEST(ParseUrl, TakesSchemeHostPortPathAndUserinfoApart) {
  const auto url = parse_url("https://User%40x:p%3Aw@Example.COM:8443/v1beta/");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->origin, (Origin{true, "example.com", 8443}));
  EXPECT_EQ(url->path, "/v1beta/");
  EXPECT_EQ(url->userinfo, "User@x:p:w");
  EXPECT_EQ(url->origin.authority(), "example.com:8443");
}

TEST(ParseUrl, KnowsDefaultPortsAndAddressLiterals) {
  EXPECT_EQ(parse_url("http://a")->origin, (Origin{false, "a", 80}));
  EXPECT_EQ(parse_url("https://[::1]:99")->origin, (Origin{true, "::1", 99}));
  EXPECT_EQ(parse_url("https://[::1]")->origin.authority(), "[::1]");
}

TEST(ParseUrl, RefusesWhatItCannotUse) {
  for (const char* text : {"", "ftp://a", "a.b", "http://", "http://a:0", "http://a:65536",
                           "http://a:x", "http://[::1", "http://a b", "https://:443"}) {
    EXPECT_FALSE(parse_url(text)) << text;
  }
}

TEST(ParseProxy, MakesBasicAuthorization) {
  const auto proxy = parse_proxy("http://Aladdin:open%20sesame@proxy:3128");
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->authorization, "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
  EXPECT_EQ(parse_proxy("proxy:3128")->origin, (Origin{false, "proxy", 3128}));
  EXPECT_EQ(proxy->name(), "http://proxy:3128");
}

TEST(ParseProxy, KnowsBothKindsOfSocks5) {
  const auto proxy = parse_proxy("socks5://me%3A:p%40ss:word@Proxy.example");
  ASSERT_TRUE(proxy);
  EXPECT_EQ(proxy->kind, Proxy::Kind::kSocks5);
  EXPECT_EQ(proxy->origin, (Origin{false, "proxy.example", 1080}));
  EXPECT_EQ(proxy->user, "me:");
  EXPECT_EQ(proxy->password, "p@ss:word");
  EXPECT_EQ(proxy->authorization, "");
  EXPECT_EQ(proxy->name(), "socks5://proxy.example:1080");
  EXPECT_EQ(parse_proxy("SOCKS5H://[::1]:9050/")->name(), "socks5h://[::1]:9050");
  EXPECT_EQ(parse_proxy("socks5h://[::1]")->origin.port, 1080);
  EXPECT_EQ(parse_proxy("socks5h://h")->kind, Proxy::Kind::kSocks5WithNames);
}

TEST(ParseProxy, RefusesWhatItCannotUseAndTellsNoPassword) {
  const std::string long_one(256, 'x');
  for (const std::string& text :
       {std::string("socks4://h:1"), std::string("https://u:secret@h:1"), std::string("ftp://h"),
        std::string("http://u:secret@"), std::string("socks5://u:secret@h/path"),
        std::string("socks5://:secret@h"), "socks5://u:secret" + long_one + "@h",
        "socks5://" + long_one + ":secret@h", std::string("socks5://h:0"), std::string("")}) {
    const auto proxy = parse_proxy(text);
    ASSERT_FALSE(proxy) << text;
    EXPECT_FALSE(proxy.error().detail.contains("secret")) << text;
  }
}

TEST(NoProxy, MatchesNamesSuffixesAndEverything) {
  const NoProxy some("localhost, .internal,example.com:8080,127.0.0.1");
  EXPECT_TRUE(some.matches("localhost"));
  EXPECT_TRUE(some.matches("a.internal"));
  EXPECT_TRUE(some.matches("example.com"));
  EXPECT_TRUE(some.matches("api.example.com"));
  EXPECT_TRUE(some.matches("127.0.0.1"));
  EXPECT_FALSE(some.matches("notexample.com"));
  EXPECT_FALSE(some.matches("generativelanguage.googleapis.com"));
  EXPECT_TRUE(NoProxy("*").matches("anything"));
  EXPECT_FALSE(NoProxy("").matches("anything"));
}

}  // namespace
}  // namespace wasat::net
