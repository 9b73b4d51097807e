#include "app/url_setting.h"

#include <gtest/gtest.h>

namespace wasat::app {
namespace {

std::string base(std::string_view text) { return std::string(read_base_url(text).text.reveal()); }
std::string proxy(std::string_view text) { return std::string(read_proxy_url(text).text.reveal()); }

TEST(BaseUrl, ComesToOneForm) {
  const std::string google = "https://generativelanguage.googleapis.com";
  for (const char* end :
       {"", "/", "/v1beta", "/v1beta/", "/v1", "/v1beta/openai/", "/v1beta/models"}) {
    EXPECT_EQ(base(google + end), google) << end;
  }
  EXPECT_EQ(base("generativelanguage.googleapis.com"), google);
  EXPECT_EQ(base("HTTPS://Generativelanguage.Googleapis.com"), google);
  EXPECT_EQ(base("http://127.0.0.1:9000/gemini/v1beta"), "http://127.0.0.1:9000/gemini");
  EXPECT_EQ(base("https://[::1]:9000"), "https://[::1]:9000");
}

TEST(BaseUrl, ThatIsNoneIsRefusedWithARemedy) {
  for (const char* text : {"", "https://", "ftp://host", "https://host:0", "https://host:70000",
                           "https://ho st", "https://user:pw@host", "https://host/?a=b",
                           "https://host/#x", "https://[::1", "https://[zz]"}) {
    const UrlFinding url = read_base_url(text);
    EXPECT_FALSE(url.problem.empty()) << text;
    EXPECT_FALSE(url.remedy.empty()) << text;
  }
}

TEST(BaseUrl, WarnsOfPlainHttpToElsewhere) {
  EXPECT_TRUE(read_base_url("http://gemini.example").plain_text);
  EXPECT_FALSE(read_base_url("http://127.0.0.1:9000").plain_text);
  EXPECT_FALSE(read_base_url("http://localhost:9000").plain_text);
  EXPECT_FALSE(read_base_url("https://gemini.example").plain_text);
}

TEST(ProxyUrl, ComesToOneForm) {
  EXPECT_EQ(proxy(""), "");
  EXPECT_EQ(proxy("proxy.example:3128"), "http://proxy.example:3128");
  EXPECT_EQ(proxy("http://proxy.example/"), "http://proxy.example:80");
  EXPECT_EQ(proxy("SOCKS5://proxy.example"), "socks5://proxy.example:1080");
  EXPECT_EQ(proxy("socks5h://me:pw@[::1]:9050"), "socks5h://me:pw@[::1]:9050");
  EXPECT_EQ(proxy("http://me:p@ss@proxy.example:3128"), "http://me:p@ss@proxy.example:3128");
}

TEST(ProxyUrl, ThatIsNoneIsRefusedWithoutItsPassword) {
  for (const char* text : {"socks4://me:hunter2@host:1080", "socks5://me:hunter2@host/path",
                           "socks5://:hunter2@host", "http://me:hunter2@ho st:1",
                           "http://me:hunter2@host:99999", "http://me:hunter2@host/path"}) {
    const UrlFinding url = read_proxy_url(text);
    EXPECT_FALSE(url.problem.empty()) << text;
    EXPECT_FALSE(url.remedy.empty()) << text;
    EXPECT_EQ((url.problem + url.remedy).find("hunter2"), std::string::npos) << url.problem;
  }
}

}  // namespace
}  // namespace wasat::app
