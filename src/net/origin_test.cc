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
  EXPECT_FALSE(parse_proxy("socks5://proxy:1080"));
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
