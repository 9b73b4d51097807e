#include "provider/egress.h"

#include <gtest/gtest.h>

#include <set>

namespace wasat::provider {
namespace {

using namespace std::chrono_literals;

net::Proxy proxy(const std::string& url) { return *net::parse_proxy(url); }

std::vector<net::Proxy> proxies(int count) {
  std::vector<net::Proxy> list;
  for (int i = 0; i < count; ++i) {
    list.push_back(proxy("socks5h://p" + std::to_string(i) + ":1080"));
  }
  return list;
}

class EgressTest : public testing::Test {
 protected:
  static pool::Credential credential(std::string id, std::string own = "") {
    pool::CredentialIdentity identity{.id = std::move(id), .provider = "api_key"};
    if (!own.empty()) identity.proxy = std::make_shared<const net::Proxy>(proxy(own));
    return pool::Credential(std::move(identity));
  }
  static std::string way(Egress& egress, const pool::Credential& credential) {
    std::optional<http::Upstream> own;
    const auto upstream = egress.choose(credential, own);
    if (!upstream) return "error: " + upstream.error().detail;
    return (*upstream)->proxy ? (*upstream)->proxy->name() : "direct";
  }
  static Error error() {
    return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, "broken");
  }

  ManualClock clock;
  http::Upstream upstream{.origin = {.host = "gemini.example"}};
};

TEST_F(EgressTest, WithoutAnythingItGoesStraightOrByTheOneProxy) {
  Egress direct(upstream, {}, clock);
  EXPECT_EQ(way(direct, credential("a")), "direct");
  upstream.proxy = proxy("http://one:3128");
  Egress by_one(upstream, {}, clock);
  EXPECT_EQ(way(by_one, credential("a")), "http://one:3128");
  // Even when it fails: there is no other.
  by_one.failed(*upstream.proxy, error());
  EXPECT_EQ(way(by_one, credential("a")), "http://one:3128");
  EXPECT_EQ(way(by_one, credential("b", "socks5://own:1")), "socks5://own:1");
}

TEST_F(EgressTest, P41_AKeyKeepsItsWayOutWhenProxiesComeAndGo) {
  Egress ten(upstream, proxies(10), clock);
  Egress again(upstream, proxies(10), clock);
  Egress nine(upstream, proxies(9), clock);
  std::map<std::string, int> shares;
  int moved = 0;
  for (int i = 0; i < 1000; ++i) {
    const pool::Credential key = credential("credential-" + std::to_string(i));
    const std::string before = way(ten, key);
    EXPECT_EQ(way(again, key), before);
    ++shares[before];
    const std::string after = way(nine, key);
    if (before != "socks5h://p9:1080") {
      EXPECT_EQ(after, before);
    } else {
      ++moved;
    }
  }
  EXPECT_EQ(shares.size(), 10u);
  for (const auto& [name, share] : shares) {
    EXPECT_GT(share, 60) << name;
    EXPECT_LT(share, 150) << name;
  }
  EXPECT_EQ(moved, shares["socks5h://p9:1080"]);
}

TEST_F(EgressTest, AProxyThatFailsIsLeftAloneForAWhile) {
  Egress egress(upstream, proxies(5), clock);
  const pool::Credential key = credential("k");
  const std::string first = way(egress, key);
  egress.failed(proxy(first), error());
  egress.failed(proxy(first), error());  // at the same moment: the same failure
  const std::string second = way(egress, key);
  EXPECT_NE(second, first);
  EXPECT_EQ(egress.troubles().size(), 1u);
  EXPECT_EQ(egress.troubles()[0].error, "broken");
  clock.advance(Egress::kFirstRest);
  EXPECT_EQ(way(egress, key), first);
  egress.failed(proxy(first), error());
  clock.advance(Egress::kFirstRest);
  EXPECT_EQ(way(egress, key), second);  // twice as long the second time
  clock.advance(Egress::kFirstRest);
  EXPECT_EQ(way(egress, key), first);
  egress.worked(proxy(first));
  EXPECT_TRUE(egress.troubles().empty());
  for (const net::Proxy& each : proxies(5)) egress.failed(each, error());
  EXPECT_EQ(way(egress, key), first);  // all rest
}

TEST_F(EgressTest, ACredentialWhoseOwnProxyFailsLetsAnotherServe) {
  Egress egress(upstream, proxies(3), clock);
  const pool::Credential key = credential("k", "http://own:3128");
  EXPECT_EQ(way(egress, key), "http://own:3128");
  egress.failed(proxy("http://own:3128"), error());
  EXPECT_TRUE(way(egress, key).contains("left alone"));
  std::optional<http::Upstream> own;
  EXPECT_EQ(egress.choose(key, own).error().retry, Retry::kNextCredential);
  clock.advance(Egress::kFirstRest);
  EXPECT_EQ(way(egress, key), "http://own:3128");
}

}  // namespace
}  // namespace wasat::provider
