#include "gateway/fetch.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <map>
#include <thread>

#include "base/base64.h"
#include "gateway/media_type.h"
#include "net/tls.h"

namespace wasat::gateway {
namespace {

constexpr std::string_view kPng = "\x89PNG\r\n\x1a\n.......";

// Answers every connection to 127.0.0.1 with what stands at its path.
class Web {
 public:
  Web() : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    ::listen(fd_, 64);
    socklen_t size = sizeof address;
    ::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Web() {
    ::shutdown(fd_, SHUT_RDWR);
    thread_.join();
    ::close(fd_);
  }

  void page(const std::string& path, std::string_view content_type, std::string_view body) {
    pages_[path] = "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(content_type) +
                   "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
                   std::string(body);
  }
  void redirect(const std::string& path, const std::string& location) {
    pages_[path] = "HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + location + "\r\n\r\n";
  }
  void raw(const std::string& path, std::string answer) { pages_[path] = std::move(answer); }
  std::string url(const std::string& path, const std::string& host = "127.0.0.1") const {
    return "http://" + host + ":" + std::to_string(port_) + path;
  }
  int connections() const { return connections_; }

 private:
  void serve() {
    for (;;) {
      const int client = ::accept(fd_, nullptr, nullptr);
      if (client < 0) return;
      ++connections_;
      std::string head;
      std::array<char, 4096> room;
      while (head.find("\r\n\r\n") == std::string::npos) {
        const ssize_t n = ::read(client, room.data(), room.size());
        if (n <= 0) break;
        head.append(room.data(), static_cast<std::size_t>(n));
      }
      if (head.size() < 5) {
        ::close(client);
        continue;
      }
      const std::string path = head.substr(4, head.find(' ', 4) - 4);
      const auto found = pages_.find(path);
      const std::string answer = found != pages_.end()
                                     ? found->second
                                     : "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
      (void)!::send(client, answer.data(), answer.size(), MSG_NOSIGNAL);
      ::close(client);
    }
  }

  const int fd_;
  int port_ = 0;
  std::map<std::string, std::string> pages_;
  std::atomic<int> connections_{0};
  std::thread thread_;
};

// A name server that says what the test wants, differently each time.
class FakeResolver final : public net::Resolver {
 public:
  explicit FakeResolver(net::Loop& loop) : Resolver(loop) {}
  Task<Result<std::vector<net::Address>>> resolve(std::string host, std::uint16_t port,
                                                  net::TimePoint, Cancel*) override {
    ++questions;
    std::vector<net::Address> addresses;
    const std::vector<std::string>& texts =
        answers[std::min(static_cast<std::size_t>(questions) - 1, answers.size() - 1)];
    for (const std::string& text : parse_ip(host) ? std::vector{host} : texts) {
      net::Address address;
      if (text.contains(':')) {
        auto& v6 = reinterpret_cast<sockaddr_in6&>(address.storage);
        v6.sin6_family = AF_INET6;
        v6.sin6_port = htons(port);
        ::inet_pton(AF_INET6, text.c_str(), &v6.sin6_addr);
        address.size = sizeof v6;
      } else {
        auto& v4 = reinterpret_cast<sockaddr_in&>(address.storage);
        v4.sin_family = AF_INET;
        v4.sin_port = htons(port);
        ::inet_pton(AF_INET, text.c_str(), &v4.sin_addr);
        address.size = sizeof v4;
      }
      addresses.push_back(address);
    }
    co_return addresses;
  }

  std::vector<std::vector<std::string>> answers = {{"127.0.0.1"}};
  int questions = 0;
};

class FetchTest : public testing::Test {
 protected:
  FetchTest() {
    auto resolver = std::make_unique<FakeResolver>(loop_);
    names_ = resolver.get();
    tls_ = std::move(*net::TlsContext::create(""));
    client_ =
        std::make_unique<http::Client>(loop_, *tls_, http::ClientOptions{}, std::move(resolver));
    options_.most_time = std::chrono::seconds(5);
  }

  void allow_loopback() { options_.rules = net::AddressRules({*Cidr::parse("127.0.0.0/8")}); }

  Task<> run(std::string url) {
    const FetchContext context{.options = options_,
                               .client = *client_,
                               .loop = loop_,
                               .compute = compute_,
                               .clock = clock_};
    Reserved held(budget_);
    result_.emplace(co_await fetch(std::move(url), context, held, cancel_));
    held_at_the_end_ = budget_.used();
    loop_.stop();
  }
  Result<dialect::Findings::Fetched> fetched(std::string url) {
    TaskScope scope;
    loop_.post([&] { scope.start(run(std::move(url))); });
    loop_.run();
    return std::move(*result_);
  }
  std::string refusal(std::string url) {
    const auto result = fetched(std::move(url));
    if (result) return "it was fetched";
    EXPECT_EQ(error_code(result.error().kind).status, 400);
    EXPECT_EQ(result.error().retry, Retry::kNever);
    return result.error().detail;
  }

  Web web_;
  net::Loop loop_;
  std::unique_ptr<net::TlsContext> tls_;
  FakeResolver* names_ = nullptr;
  std::unique_ptr<http::Client> client_;
  net::Compute compute_;
  const SystemClock clock_;
  FetchOptions options_;
  ByteBudget budget_{256u << 20};
  Cancel cancel_;
  std::size_t held_at_the_end_ = 0;
  std::optional<Result<dialect::Findings::Fetched>> result_;
};

TEST_F(FetchTest, GivesTypeAndBase64) {
  allow_loopback();
  web_.page("/a.png?x=1", "image/png; charset=binary", kPng);
  const auto result = fetched(web_.url("/a.png?x=1#part"));
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(result->mime_type, "image/png");
  EXPECT_EQ(*result->base64, to_base64(kPng));
  EXPECT_GT(held_at_the_end_, kPng.size());
  EXPECT_EQ(budget_.used(), 0u);
}

TEST_F(FetchTest, LargeBytesAreEncodedAside) {
  allow_loopback();
  const std::string body = std::string(kPng) + std::string(3u << 20, 'x');
  web_.page("/large", "", body);
  const auto result = fetched(web_.url("/large"));
  ASSERT_TRUE(result) << result.error().detail;
  EXPECT_EQ(*result->base64, to_base64(body));
}

// one-api fetched whatever image_url named (songquanpeng/one-api#2388): P68.
TEST_F(FetchTest, P68_NoUrlReachesThisMachineOrItsNetworks) {
  for (const char* host : {"127.0.0.1", "127.1.2.3", "10.0.0.1", "169.254.169.254", "192.168.0.1",
                           "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]",
                           "[fd00:ec2::254]", "[fe80::1]", "0.0.0.0", "[2002:7f00:1::]"}) {
    EXPECT_NE(refusal("http://" + std::string(host) + "/latest/meta-data").find("no public"),
              std::string::npos)
        << host;
  }
  // By a name, however many addresses it has.
  names_->answers = {{"127.0.0.1", "10.0.0.1", "::1"}};
  EXPECT_NE(refusal(web_.url("/", "images.example")).find("no public"), std::string::npos);
  EXPECT_EQ(web_.connections(), 0);
}

TEST_F(FetchTest, P68_ANameIsAskedForOnceAndTheCheckedAddressIsConnectedTo) {
  // Rebinding: public when it is checked, private a moment later.
  names_->answers = {{"192.0.2.0", "255.255.255.255"}, {"127.0.0.1"}};
  options_.most_time = std::chrono::milliseconds(500);
  EXPECT_NE(refusal(web_.url("/", "rebind.example")).find("no public"), std::string::npos);
  EXPECT_EQ(names_->questions, 1);
  EXPECT_EQ(web_.connections(), 0);
}

TEST_F(FetchTest, P68_OfSeveralAddressesOnlyTheAllowedOnesAreTried) {
  allow_loopback();
  web_.page("/a", "image/png", kPng);
  names_->answers = {{"10.255.255.1", "127.0.0.1"}};
  const auto begin = clock_.now();
  EXPECT_TRUE(fetched(web_.url("/a", "two.example")));
  EXPECT_LT(clock_.now() - begin, std::chrono::seconds(4));  // the first was never tried
}

TEST_F(FetchTest, P68_RedirectsAreCheckedToo) {
  options_.rules = net::AddressRules({*Cidr::parse("127.0.0.1")});
  for (const char* target : {"http://127.0.0.2/", "http://169.254.169.254/latest/meta-data/",
                             "http://[::1]/", "//10.0.0.1/x"}) {
    web_.redirect("/go", target);
    EXPECT_NE(refusal(web_.url("/go")).find("no public"), std::string::npos) << target;
  }
  for (const char* target : {"file:///etc/passwd", "gopher://127.0.0.1/", "ftp://example.com/"}) {
    web_.redirect("/go", target);
    EXPECT_NE(refusal(web_.url("/go")).find("only http"), std::string::npos) << target;
  }
  web_.redirect("/go", "http://user:secret@127.0.0.1/");
  EXPECT_NE(refusal(web_.url("/go")).find("user name"), std::string::npos);
}

TEST_F(FetchTest, FollowsAFewRedirects) {
  allow_loopback();
  web_.page("/end/a.png", "image/png", kPng);
  web_.redirect("/0", "/end/1");
  web_.redirect("/end/1", "a.png");
  EXPECT_TRUE(fetched(web_.url("/0")));
  web_.redirect("/loop", "/loop");
  EXPECT_NE(refusal(web_.url("/loop")).find("too often"), std::string::npos);
}

TEST_F(FetchTest, OnlyHttpWithoutUserinfo) {
  EXPECT_NE(refusal("file:///etc/passwd").find("only http"), std::string::npos);
  EXPECT_NE(refusal("ftp://example.com/").find("only http"), std::string::npos);
  EXPECT_NE(refusal("http://").find("only http"), std::string::npos);
  EXPECT_NE(refusal("https://user:secret@example.com/").find("user name"), std::string::npos);
  EXPECT_NE(refusal("http://@127.0.0.1/").find("user name"), std::string::npos);
  EXPECT_NE(refusal("http://exa\\mple/").find("host"), std::string::npos);
  EXPECT_NE(refusal("http://example.com/" + std::string(9000, 'a')).find("too long"),
            std::string::npos);
  EXPECT_EQ(names_->questions, 0);
}

TEST_F(FetchTest, ErrorsNameTheHostAndNoMore) {
  allow_loopback();
  const std::string detail = refusal(web_.url("/private/path?token=secret"));
  EXPECT_NE(detail.find("127.0.0.1"), std::string::npos);
  EXPECT_NE(detail.find("404"), std::string::npos);
  EXPECT_EQ(detail.find("secret"), std::string::npos);
  EXPECT_EQ(detail.find("/private"), std::string::npos);
}

TEST_F(FetchTest, IsBoundedInSize) {
  allow_loopback();
  options_.most_bytes = 1000;
  web_.page("/announced", "image/png", std::string(1001, 'x'));
  EXPECT_NE(refusal(web_.url("/announced")).find("1000 bytes"), std::string::npos);
  web_.raw("/unannounced",
           "HTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n" + std::string(200'000, 'x'));
  EXPECT_NE(refusal(web_.url("/unannounced")).find("1000 bytes"), std::string::npos);
}

TEST_F(FetchTest, IsBoundedInTime) {
  allow_loopback();
  options_.most_time = std::chrono::milliseconds(100);
  // A listener whose backlog nobody serves: connected, and silent.
  const int silent = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  ::bind(silent, reinterpret_cast<sockaddr*>(&address), sizeof address);
  ::listen(silent, 8);
  socklen_t size = sizeof address;
  ::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size);
  const std::string url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
  EXPECT_NE(refusal(url).find("in time"), std::string::npos);
  ::close(silent);
}

TEST_F(FetchTest, IsBoundedByTheMemoryForBodies) {
  allow_loopback();
  ByteBudget& budget = budget_;
  ASSERT_TRUE(budget.try_take(budget.limit() - 1000));
  web_.page("/a", "image/png", kPng);
  const auto result = fetched(web_.url("/a"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kUnavailable);
  EXPECT_EQ(budget.used(), budget.limit() - 1000);
}

TEST_F(FetchTest, AWebPageIsNoMedia) {
  allow_loopback();
  web_.page("/login", "text/html", "<html>Please sign in</html>");
  EXPECT_NE(refusal(web_.url("/login")).find("no media"), std::string::npos);
  web_.page("/empty", "image/png", "");
  EXPECT_NE(refusal(web_.url("/empty")).find("empty"), std::string::npos);
}

TEST_F(FetchTest, P34_ACancelEndsIt) {
  allow_loopback();
  cancel_.request();
  const auto result = fetched(web_.url("/a"));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, ErrorKind::kCancelled);
}

TEST_F(FetchTest, AnAllowedHostMayBePrivate) {
  options_.hosts = {"images.lan"};
  web_.page("/a", "image/png", kPng);
  EXPECT_TRUE(fetched(web_.url("/a", "images.lan")));
  EXPECT_FALSE(fetched(web_.url("/a", "other.lan")));
}

TEST(MediaType, HeaderThenBytes) {
  EXPECT_EQ(media_type("image/jpg", "x"), "image/jpeg");
  EXPECT_EQ(media_type("IMAGE/PNG ; q=1", "x"), "image/png");
  EXPECT_EQ(media_type("application/octet-stream", kPng), "image/png");
  EXPECT_EQ(media_type("", "%PDF-1.7"), "application/pdf");
  EXPECT_EQ(media_type("text/html", kPng), "image/png");
  EXPECT_EQ(media_type("text/plain", "words"), "text/plain");
  EXPECT_EQ(media_type("text/html", "<html>"), "");
  EXPECT_EQ(media_type("image/svg+xml", "<svg>"), "");
  EXPECT_EQ(media_type("application/zip", "PK"), "");
  EXPECT_EQ(media_type("", ""), "");
}

TEST(Redirected, AsBrowsersDo) {
  const net::Url from = *net::parse_url("https://a.example:8443/x/y?q");
  EXPECT_EQ(redirected(from, "http://b/z"), "http://b/z");
  EXPECT_EQ(redirected(from, "//b/z"), "https://b/z");
  EXPECT_EQ(redirected(from, "/z"), "https://a.example:8443/z");
  EXPECT_EQ(redirected(from, "z"), "https://a.example:8443/x/z");
  EXPECT_EQ(redirected(from, "?r"), "https://a.example:8443/x/y?r");
  EXPECT_EQ(redirected(from, ""), "");
}

}  // namespace
}  // namespace wasat::gateway
