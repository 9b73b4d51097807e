#include "gateway/health.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace wasat::gateway {
namespace {

// A port of this machine, bound; it answers only when it listens.
class Port {
 public:
  explicit Port(bool listens) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    EXPECT_EQ(::bind(fd_, reinterpret_cast<sockaddr*>(&address), size), 0);
    if (listens) EXPECT_EQ(::listen(fd_, 8), 0);
    EXPECT_EQ(::getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    number = ntohs(address.sin_port);
  }
  ~Port() { ::close(fd_); }
  Port(const Port&) = delete;
  Port& operator=(const Port&) = delete;
  std::uint16_t number = 0;

 private:
  int fd_;
};

class CheckProxy : public testing::Test {
 protected:
  static Task<> ask(CheckProxy& test, const net::Origin& upstream, const net::Proxy* proxy) {
    test.health = co_await check_proxy(test.client, upstream, proxy, test.time, test.cancel);
    test.loop.stop();
  }
  ProxyHealth run(const net::Origin& upstream, const net::Proxy* proxy) {
    TaskScope scope;
    loop.post([&] { scope.start(ask(*this, upstream, proxy)); });
    loop.run();
    return health;
  }

  net::Loop loop;
  std::unique_ptr<net::TlsContext> tls = *net::TlsContext::create("");
  http::Client client{loop, *tls};
  Cancel cancel;
  ProxyHealth health;
  std::chrono::milliseconds time{10'000};
};

TEST_F(CheckProxy, SaysWhoseFaultItIs) {
  const Port open(true);
  const Port closed(false);
  const net::Origin upstream{false, "127.0.0.1", open.number};
  EXPECT_TRUE(run(upstream, nullptr).well);
  const ProxyHealth direct = run({false, "127.0.0.1", closed.number}, nullptr);
  EXPECT_FALSE(direct.well);
  EXPECT_FALSE(direct.by_proxy);
  const net::Proxy proxy =
      *net::parse_proxy("socks5://me:hunter2@127.0.0.1:" + std::to_string(closed.number));
  const ProxyHealth by_proxy = run(upstream, &proxy);
  EXPECT_FALSE(by_proxy.well);
  EXPECT_TRUE(by_proxy.by_proxy);
  EXPECT_TRUE(by_proxy.error.contains("socks5://127.0.0.1:")) << by_proxy.error;
  EXPECT_FALSE(by_proxy.error.contains("hunter2"));
}

TEST_F(CheckProxy, OneThatSaysNothingIsGivenUp) {
  const Port silent(true);
  time = std::chrono::milliseconds(50);
  const net::Proxy proxy = *net::parse_proxy("127.0.0.1:" + std::to_string(silent.number));
  const ProxyHealth found = run({false, "127.0.0.1", 1}, &proxy);
  EXPECT_FALSE(found.well);
  EXPECT_TRUE(found.by_proxy);
}

}  // namespace
}  // namespace wasat::gateway
