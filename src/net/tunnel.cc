#include "net/tunnel.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "net/socks5.h"

namespace wasat::net {
namespace {

// Our part is a few hundred bytes: it goes out at once or never.
constexpr std::chrono::seconds kSendTime{5};

std::string who(const Proxy& proxy) { return "the proxy " + proxy.name(); }

std::unexpected<Error> proxy_failed(const Proxy& proxy, const std::string& why) {
  return fail(
      upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, who(proxy) + " " + why));
}

std::unexpected<Error> not_sent(const Proxy& proxy, const Error& error) {
  if (error.kind == ErrorKind::kCancelled) return fail(error);
  return proxy_failed(proxy, "does not take what we say: " + error.detail);
}

}  // namespace

Error interrupted(Wake wake, const std::string& where) {
  if (wake == Wake::kTimeout) {
    return upstream_error(ErrorKind::kTimeout, Retry::kNextCredential,
                          where + " did not accept the connection in time");
  }
  return internal_error("cancelled", ErrorKind::kCancelled);
}

// Nothing may follow the proxy's head before we speak, so reading it in one buffer takes
// nothing from the tunnel.
Task<Result<>> open_http_tunnel(Stream& stream, const Origin& target, const Proxy& proxy,
                                TimePoint deadline, Cancel* cancel) {
  const bool literal6 = target.host.find(':') != std::string::npos;
  const std::string where =
      (literal6 ? "[" + target.host + "]" : target.host) + ":" + std::to_string(target.port);
  std::string head = "CONNECT " + where + " HTTP/1.1\r\nHost: " + where + "\r\n";
  if (!proxy.authorization.empty()) head += "Proxy-Authorization: " + proxy.authorization + "\r\n";
  head += "\r\n";
  iovec piece{head.data(), head.size()};
  const Result<> sent = co_await stream.write_all({&piece, 1}, kSendTime, cancel);
  if (!sent) co_return not_sent(proxy, sent.error());

  std::array<char, 8192> answer;
  std::size_t size = 0;
  for (;;) {
    const IoResult result = stream.try_read({answer.data() + size, answer.size() - size});
    if (result.would_block()) {
      const Wake wake = co_await stream.readable(deadline, cancel);
      if (wake == Wake::kReady) continue;
      co_return fail(interrupted(wake, who(proxy)));
    }
    if (result.error != 0 || result.ended()) {
      co_return proxy_failed(proxy, "closed the connection");
    }
    size += result.bytes;
    const std::string_view text(answer.data(), size);
    if (text.find("\r\n\r\n") == std::string_view::npos) {
      if (size == answer.size()) co_return proxy_failed(proxy, "sent an endless answer");
      continue;
    }
    // "HTTP/1.x 2.."
    if (text.size() > 12 && text.starts_with("HTTP/1.") && text[8] == ' ' && text[9] == '2') {
      co_return Result<>{};
    }
    const std::string_view status = text.substr(0, text.find("\r\n")).substr(0, 80);
    if (status.find(" 407") != std::string_view::npos) {
      co_return proxy_failed(proxy, "wants a user name and password: put them into its URL");
    }
    co_return proxy_failed(proxy, "refused to connect to " + where + ": " + std::string(status));
  }
}

Task<Result<>> open_socks5_tunnel(Stream& stream, const Origin& target, const Proxy& proxy,
                                  TimePoint deadline, Cancel* cancel) {
  Socks5 socks(target.host, target.port, proxy.user, proxy.password);
  std::array<char, Socks5::kMostAtOnce> answer;
  std::size_t size = 0;
  while (socks.wants() > 0) {
    if (std::string out = socks.take_output(); !out.empty()) {
      iovec piece{out.data(), out.size()};
      const Result<> sent = co_await stream.write_all({&piece, 1}, kSendTime, cancel);
      if (!sent) co_return not_sent(proxy, sent.error());
    }
    const IoResult result = stream.try_read({answer.data() + size, socks.wants() - size});
    if (result.would_block()) {
      const Wake wake = co_await stream.readable(deadline, cancel);
      if (wake == Wake::kReady) continue;
      co_return fail(interrupted(wake, who(proxy)));
    }
    if (result.error != 0 || result.ended()) {
      co_return proxy_failed(proxy, "closed the connection");
    }
    size += result.bytes;
    if (size < socks.wants()) continue;
    const Result<> taken = socks.take({answer.data(), size});
    if (!taken) co_return proxy_failed(proxy, taken.error().detail);
    size = 0;
  }
  co_return Result<>{};
}

}  // namespace wasat::net
