#include "net/connector.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

namespace wasat::net {
namespace {

Error refused(const std::string& where, int error) {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                        "cannot connect to " + where + ": " + std::strerror(error));
}

std::string text_of(const Address& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const bool v4 = address.storage.ss_family == AF_INET;
  const void* bytes =
      v4 ? static_cast<const void*>(&reinterpret_cast<const sockaddr_in&>(address.storage).sin_addr)
         : static_cast<const void*>(
               &reinterpret_cast<const sockaddr_in6&>(address.storage).sin6_addr);
  ::inet_ntop(v4 ? AF_INET : AF_INET6, bytes, text.data(), text.size());
  return text.data();
}

Error interrupted(Wake wake, const std::string& where) {
  if (wake == Wake::kTimeout) {
    return upstream_error(ErrorKind::kTimeout, Retry::kNextCredential,
                          where + " did not accept the connection in time");
  }
  return internal_error("cancelled", ErrorKind::kCancelled);
}

}  // namespace

Task<Result<Stream>> Connector::connect(const Origin& origin, const Proxy* proxy,
                                        const AddressRules* rules, TimePoint deadline,
                                        Cancel* cancel) {
  Origin target = origin;
  if (proxy != nullptr && rules != nullptr) {
    const Result<std::vector<Address>> allowed =
        co_await addresses_of(origin, rules, deadline, cancel);
    if (!allowed) co_return fail(allowed.error());
    target.host = text_of(allowed->front());
  }
  Result<Stream> stream = proxy != nullptr
                              ? co_await connect_tcp(proxy->origin, nullptr, deadline, cancel)
                              : co_await connect_tcp(origin, rules, deadline, cancel);
  if (!stream) co_return stream;
  if (proxy != nullptr) {
    const Result<> opened = co_await tunnel(*stream, target, *proxy, deadline, cancel);
    if (!opened) co_return fail(opened.error());
  }
  if (origin.tls) {
    const Result<> secured =
        co_await stream->start_tls(tls_, sessions_, origin.host, deadline, cancel);
    if (!secured) co_return fail(secured.error());
  }
  co_return stream;
}

// The addresses that were checked are the ones that are given out: a name that
// has others a moment later wins nothing.
Task<Result<std::vector<Address>>> Connector::addresses_of(const Origin& origin,
                                                           const AddressRules* rules,
                                                           TimePoint deadline, Cancel* cancel) {
  Result<std::vector<Address>> addresses =
      co_await resolver_->resolve(origin.host, origin.port, deadline, cancel);
  if (!addresses || rules == nullptr) co_return addresses;
  std::erase_if(*addresses, [rules](const Address& each) { return !rules->allows(each); });
  if (addresses->empty()) {
    co_return fail(
        client_error(ErrorKind::kPermissionDenied, origin.host + " is in no public network"));
  }
  co_return addresses;
}

Task<Result<Stream>> Connector::connect_tcp(const Origin& origin, const AddressRules* rules,
                                            TimePoint deadline, Cancel* cancel) {
  const std::string where = origin.authority();
  const Result<std::vector<Address>> addresses =
      co_await addresses_of(origin, rules, deadline, cancel);
  if (!addresses) co_return fail(addresses.error());
  Error last = refused(where, EHOSTUNREACH);
  for (const Address& address : *addresses) {
    const int fd =
        ::socket(address.storage.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
      last = refused(where, errno);
      // Our own shortage, not the upstream's fault.
      if (errno == EMFILE || errno == ENFILE) {
        last.source = ErrorSource::kInternal;
        last.retry = Retry::kNever;
        last.kind = ErrorKind::kUnavailable;
      }
      continue;
    }
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    const bool under_way =
        ::connect(fd, reinterpret_cast<const sockaddr*>(&address.storage), address.size) == 0 ||
        errno == EINPROGRESS;
    const int refusal = errno;
    Socket socket(loop_, fd);
    if (!under_way) {
      last = refused(where, refusal);
      continue;
    }
    socket.expect_connected();
    const TimePoint until = std::min(deadline, std::chrono::steady_clock::now() + kPerAddress);
    const Wake wake = co_await socket.writable(until, cancel);
    if (wake == Wake::kReady) {
      int error = 0;
      socklen_t size = sizeof error;
      ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size);
      if (error == 0) co_return Stream(std::move(socket));
      last = refused(where, error);
      continue;
    }
    last = interrupted(wake, where);
    if (wake == Wake::kCancelled || until == deadline) break;
  }
  co_return fail(std::move(last));
}

// RFC 9110 section 9.3.6. Nothing may follow the proxy's head before we speak, so
// reading it in one buffer takes nothing from the tunnel.
Task<Result<>> Connector::tunnel(Stream& stream, const Origin& origin, const Proxy& proxy,
                                 TimePoint deadline, Cancel* cancel) {
  const bool literal6 = origin.host.find(':') != std::string::npos;
  const std::string target =
      (literal6 ? "[" + origin.host + "]" : origin.host) + ":" + std::to_string(origin.port);
  std::string head = "CONNECT " + target + " HTTP/1.1\r\nHost: " + target + "\r\n";
  if (!proxy.authorization.empty()) head += "Proxy-Authorization: " + proxy.authorization + "\r\n";
  head += "\r\n";
  iovec piece{head.data(), head.size()};
  const Result<> sent = co_await stream.write_all({&piece, 1}, kPerAddress, cancel);
  if (!sent) co_return fail(sent.error());

  const auto proxy_error = [&proxy](const std::string& why) {
    return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                          "the proxy " + proxy.origin.authority() + " " + why);
  };
  std::array<char, 8192> answer;
  std::size_t size = 0;
  for (;;) {
    const IoResult result = stream.try_read({answer.data() + size, answer.size() - size});
    if (result.would_block()) {
      const Wake wake = co_await stream.readable(deadline, cancel);
      if (wake == Wake::kReady) continue;
      co_return fail(interrupted(wake, "the proxy " + proxy.origin.authority()));
    }
    if (result.error != 0 || result.ended()) co_return fail(proxy_error("closed the connection"));
    size += result.bytes;
    const std::string_view text(answer.data(), size);
    if (text.find("\r\n\r\n") == std::string_view::npos) {
      if (size == answer.size()) co_return fail(proxy_error("sent an endless answer"));
      continue;
    }
    // "HTTP/1.x 2.."
    if (text.size() > 12 && text.starts_with("HTTP/1.") && text[8] == ' ' && text[9] == '2') {
      co_return Result<>{};
    }
    const std::string_view status = text.substr(0, text.find("\r\n")).substr(0, 80);
    if (status.find(" 407") != std::string_view::npos) {
      co_return fail(proxy_error("wants a user name and password: put them into PROXY_URL"));
    }
    co_return fail(proxy_error("refused to connect to " + target + ": " + std::string(status)));
  }
}

}  // namespace wasat::net
