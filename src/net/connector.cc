#include "net/connector.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>

#include "net/tunnel.h"

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

}  // namespace

Task<Result<Stream>> Connector::connect(const Origin& origin, const Proxy* proxy,
                                        const AddressRules* rules, TimePoint deadline,
                                        Cancel* cancel, bool* by_proxy) {
  if (by_proxy != nullptr) *by_proxy = false;
  Result<Stream> stream =
      proxy != nullptr ? co_await connect_by(*proxy, origin, rules, deadline, cancel, by_proxy)
                       : co_await connect_tcp(origin, rules, deadline, cancel);
  if (!stream) co_return stream;
  if (origin.tls) {
    const Result<> secured =
        co_await stream->start_tls(tls_, sessions_, origin.host, deadline, cancel);
    if (!secured) co_return fail(secured.error());
  }
  co_return stream;
}

Task<Result<Stream>> Connector::connect_by(const Proxy& proxy, const Origin& origin,
                                           const AddressRules* rules, TimePoint deadline,
                                           Cancel* cancel, bool* by_proxy) {
  Origin target = origin;
  if (rules != nullptr || proxy.kind == Proxy::Kind::kSocks5) {
    const Result<std::vector<Address>> addresses =
        co_await addresses_of(origin, rules, deadline, cancel);
    if (!addresses) co_return fail(addresses.error());
    // Few proxies get to IPv6 addresses, and nobody tells which do.
    const auto v4 = std::ranges::find(*addresses, AF_INET, [](const Address& each) {
      return static_cast<int>(each.storage.ss_family);
    });
    target.host = text_of(v4 != addresses->end() ? *v4 : addresses->front());
  }
  Result<Stream> stream = co_await connect_tcp(proxy.origin, nullptr, deadline, cancel);
  Result<> opened;
  if (!stream) {
    opened = fail(stream.error());
    opened.error().detail = "the proxy " + proxy.name() + ": " + opened.error().detail;
  } else if (proxy.kind == Proxy::Kind::kHttp) {
    opened = co_await open_http_tunnel(*stream, target, proxy, deadline, cancel);
  } else {
    opened = co_await open_socks5_tunnel(*stream, target, proxy, deadline, cancel);
  }
  if (opened) co_return std::move(*stream);
  // Neither a client that left nor our own shortage is the proxy's fault; and what is the
  // proxy's is not the upstream's.
  if (opened.error().source == ErrorSource::kUpstream) {
    opened.error().source = ErrorSource::kInternal;
    if (by_proxy != nullptr) *by_proxy = true;
  }
  co_return fail(std::move(opened.error()));
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

}  // namespace wasat::net
