// Connector: opens connections to upstreams, over a proxy and with TLS as needed.

#pragma once

#include <chrono>

#include "net/origin.h"
#include "net/resolver.h"
#include "net/stream.h"
#include "net/tls.h"

namespace wasat::net {

// Belongs to one worker; the TLS context is the process's.
class Connector {
 public:
  // One address gets this long before the next is tried.
  static constexpr std::chrono::seconds kPerAddress{5};

  Connector(Loop& loop, TlsContext& tls) : loop_(loop), tls_(tls), resolver_(loop) {}

  // A connected stream to `origin`; `proxy` may be null. Errors say which step failed.
  WASAT_OWN_FRAME Task<Result<Stream>> connect(const Origin& origin, const Proxy* proxy,
                                               TimePoint deadline, Cancel* cancel);

 private:
  WASAT_OWN_FRAME Task<Result<Stream>> connect_tcp(const Origin& origin, TimePoint deadline,
                                                   Cancel* cancel);
  WASAT_OWN_FRAME Task<Result<>> tunnel(Stream& stream, const Origin& origin, const Proxy& proxy,
                                        TimePoint deadline, Cancel* cancel);

  Loop& loop_;
  TlsContext& tls_;
  TlsSessions sessions_;
  Resolver resolver_;
};

}  // namespace wasat::net
