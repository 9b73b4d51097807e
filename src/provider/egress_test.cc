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
  std::string way(const Egress& egress, const pool::Credential& credential) const {
    std::optional<http::Upstream> own;
    const auto chosen = egress.choose(credential, faults, own);
    if (!chosen) return "error: " + chosen.error().detail;
    return (*chosen)->proxy ? (*chosen)->proxy->name() : "direct";
  }
  static Error error() {
    return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, "broken");
  }

  ManualClock clock;
  ProxyFaults faults{clock};
  http::Upstream upstream{.origin = {.host = "gemini.example"}};
};

TEST_F(EgressTest, WithoutAnythingItGoesStraightOrByTheOneProxy) {
  const Egress direct(upstream);
  EXPECT_EQ(way(direct, credential("a")), "direct");
  upstream.proxy = proxy("http://one:3128");
  const Egress by_one(upstream);
  EXPECT_EQ(way(by_one, credential("a")), "http://one:3128");
  // Even when it fails: there is no other.
  faults.failed(*upstream.proxy, error());
  EXPECT_EQ(way(by_one, credential("a")), "http://one:3128");
  EXPECT_EQ(way(by_one, credential("b", "socks5://own:1")), "socks5://own:1");
}

TEST_F(EgressTest, P41_AKeyKeepsItsWayOutWhenProxiesComeAndGo) {
  const Egress ten(upstream, proxies(10));
  const Egress again(upstream, proxies(10));
  const Egress nine(upstream, proxies(9));
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
  const Egress egress(upstream, proxies(5));
  const pool::Credential key = credential("k");
  const std::string first = way(egress, key);
  faults.failed(proxy(first), error());
  faults.failed(proxy(first), error());  // at the same moment: the same failure
  const std::string second = way(egress, key);
  EXPECT_NE(second, first);
  EXPECT_EQ(faults.troubles().size(), 1u);
  EXPECT_EQ(faults.troubles()[0].error, "broken");
  clock.advance(ProxyFaults::kFirstRest);
  EXPECT_EQ(way(egress, key), first);
  faults.failed(proxy(first), error());
  clock.advance(ProxyFaults::kFirstRest);
  EXPECT_EQ(way(egress, key), second);  // twice as long the second time
  clock.advance(ProxyFaults::kFirstRest);
  EXPECT_EQ(way(egress, key), first);
  faults.worked(proxy(first));
  EXPECT_TRUE(faults.troubles().empty());
  for (const net::Proxy& each : proxies(5)) faults.failed(each, error());
  EXPECT_EQ(way(egress, key), first);  // all rest
}

TEST_F(EgressTest, WhatFailedIsTriedAgainWhenTheProxiesAreChanged) {
  const Egress egress(upstream, proxies(2));
  const pool::Credential key = credential("k");
  const std::string first = way(egress, key);
  faults.failed(proxy(first), error());
  EXPECT_NE(way(egress, key), first);
  faults.forget();
  EXPECT_EQ(way(egress, key), first);
  EXPECT_TRUE(faults.none());
}

TEST_F(EgressTest, IsAnotherWhenTheUpstreamOrAProxyIs) {
  const Egress egress(upstream, proxies(2));
  EXPECT_EQ(egress, Egress(upstream, proxies(2)));
  EXPECT_NE(egress, Egress(upstream, proxies(3)));
  http::Upstream other = upstream;
  other.proxy = proxy("http://user:one@p:3128");
  EXPECT_NE(Egress(other), Egress(upstream));
  http::Upstream with_another_password = upstream;
  with_another_password.proxy = proxy("http://user:two@p:3128");
  EXPECT_NE(Egress(other), Egress(with_another_password));
}

TEST_F(EgressTest, ACredentialWhoseOwnProxyFailsLetsAnotherServe) {
  const Egress egress(upstream, proxies(3));
  const pool::Credential key = credential("k", "http://own:3128");
  EXPECT_EQ(way(egress, key), "http://own:3128");
  faults.failed(proxy("http://own:3128"), error());
  EXPECT_TRUE(way(egress, key).contains("left alone"));
  std::optional<http::Upstream> own;
  EXPECT_EQ(egress.choose(key, faults, own).error().retry, Retry::kNextCredential);
  clock.advance(ProxyFaults::kFirstRest);
  EXPECT_EQ(way(egress, key), "http://own:3128");
}

}  // namespace
}  // namespace wasat::provider
