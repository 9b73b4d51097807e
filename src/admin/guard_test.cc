#include "admin/guard.h"

#include <gtest/gtest.h>

namespace wasat::admin {
namespace {

class FakeRequest final : public http::ServerRequest {
 public:
  FakeRequest(std::vector<http::Header> all, std::string_view peer = "192.0.2.1")
      : all_(std::move(all)) {
    headers = all_;
    remote_address = peer;
  }
  Task<Result<std::shared_ptr<const Buffer>>> read_body(http::BodyLimits) override {
    co_return std::shared_ptr<const Buffer>();
  }
  Task<Result<std::size_t>> read_some(std::span<char>) override { co_return std::size_t{0}; }
  std::optional<std::uint64_t> content_length() const override { return 0; }
  Cancel& departed() override { return cancel_; }

 private:
  std::vector<http::Header> all_;
  Cancel cancel_;
};

const GuardOptions kOptions{.hosts = {"gate.example", "Other.example:8443"},
                            .allow = {},
                            .trusted_proxies = {*Cidr::parse("10.0.0.0/8")}};

bool host_passes(std::vector<http::Header> headers, std::string_view peer = "192.0.2.1") {
  return !check_host(FakeRequest(std::move(headers), peer), kOptions);
}

TEST(AdminGuard, KnowsItsHosts) {
  for (const std::string_view host :
       {"127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "192.168.1.7:80", "localhost",
        "LOCALHOST:8080", "gate.example", "GATE.example:443", "gate.example.", "other.example"}) {
    EXPECT_TRUE(host_passes({{"Host", host}})) << host;
  }
  for (const std::string_view host :
       {"", "evil.example", "gate.example.evil.example", "127.0.0.1.evil.example", "xgate.example",
        "localhost.evil.example", "[evil]", "[::1", "gate.example@evil.example", "."}) {
    EXPECT_FALSE(host_passes({{"Host", host}})) << host;
  }
  EXPECT_FALSE(host_passes({}));
}

TEST(AdminGuard, OnlyATrustedProxyForwardsAHost) {
  const std::vector<http::Header> forwarded = {{"Host", "evil.example"},
                                               {"X-Forwarded-Host", "gate.example"}};
  EXPECT_FALSE(host_passes(forwarded));
  EXPECT_TRUE(host_passes(forwarded, "10.1.1.1"));
  EXPECT_FALSE(
      host_passes({{"Host", "gate.example"}, {"X-Forwarded-Host", "evil.example"}}, "10.1.1.1"));
}

bool origin_passes(std::vector<http::Header> headers, std::string_view peer = "192.0.2.1") {
  headers.push_back({"Host", "gate.example:8080"});
  return !check_origin(FakeRequest(std::move(headers), peer), kOptions);
}

TEST(AdminGuard, OnlyItsOwnPagesMayAsk) {
  EXPECT_TRUE(origin_passes({})) << "programs say nothing";
  EXPECT_TRUE(origin_passes({{"Origin", "http://gate.example:8080"}}));
  EXPECT_TRUE(origin_passes({{"Origin", "https://gate.example:8080"}}));
  EXPECT_TRUE(origin_passes({{"Sec-Fetch-Site", "same-origin"}}));
  EXPECT_TRUE(origin_passes({{"Sec-Fetch-Site", "none"}}));
  for (const std::string_view origin :
       {"null", "http://evil.example", "http://gate.example", "http://gate.example:8081",
        "http://gate.example:8080.evil.example", "ftp://gate.example:8080", "gate.example:8080"}) {
    EXPECT_FALSE(origin_passes({{"Origin", origin}})) << origin;
  }
  EXPECT_FALSE(origin_passes({{"Sec-Fetch-Site", "cross-site"}}));
  EXPECT_FALSE(
      origin_passes({{"Sec-Fetch-Site", "same-site"}, {"Origin", "http://gate.example:8080"}}));
  EXPECT_TRUE(origin_passes({{"Origin", "https://other.example"},
                             {"X-Forwarded-Proto", "https"},
                             {"X-Forwarded-Host", "other.example"}},
                            "10.1.1.1"));
}

TEST(AdminGuard, OnlyListedAddressesMayAsk) {
  GuardOptions options;
  EXPECT_FALSE(check_address("203.0.113.9", options)) << "no list allows all";
  options.allow = {*Cidr::parse("10.0.0.0/8"), *Cidr::parse("::1")};
  EXPECT_FALSE(check_address("10.2.3.4", options));
  EXPECT_FALSE(check_address("::ffff:10.2.3.4", options));
  EXPECT_FALSE(check_address("::1", options));
  for (const std::string_view other : {"11.0.0.1", "", "unknown", "::2"}) {
    EXPECT_TRUE(check_address(other, options)) << other;
  }
}

}  // namespace
}  // namespace wasat::admin
