// Connector: opens connections to upstreams, over a proxy and with TLS as needed.

#pragma once

#include <chrono>
#include <memory>
#include <utility>
#include <vector>

#include "net/address_rules.h"
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

  // Without a `resolver` it makes its own.
  Connector(Loop& loop, TlsContext& tls, std::unique_ptr<Resolver> resolver = nullptr)
      : loop_(loop),
        tls_(tls),
        resolver_(resolver ? std::move(resolver) : std::make_unique<Resolver>(loop)) {}

  // A connected stream to `origin`; `proxy` and `rules` may be null. With rules, the
  // name is resolved here, also when a proxy makes the connection, and goes to an
  // address that they allow and no other. Errors say which step failed; kPermissionDenied:
  // no address is allowed. `by_proxy` (may be null) becomes whether the proxy is why: it cannot
  // be reached, refuses us, or does not get to `origin`. The source is kInternal then.
  WASAT_OWN_FRAME Task<Result<Stream>> connect(const Origin& origin, const Proxy* proxy,
                                               const AddressRules* rules, TimePoint deadline,
                                               Cancel* cancel, bool* by_proxy = nullptr);

 private:
  WASAT_OWN_FRAME Task<Result<Stream>> connect_tcp(const Origin& origin, const AddressRules* rules,
                                                   TimePoint deadline, Cancel* cancel);
  WASAT_OWN_FRAME Task<Result<std::vector<Address>>> addresses_of(const Origin& origin,
                                                                  const AddressRules* rules,
                                                                  TimePoint deadline,
                                                                  Cancel* cancel);
  WASAT_OWN_FRAME Task<Result<Stream>> connect_by(const Proxy& proxy, const Origin& origin,
                                                  const AddressRules* rules, TimePoint deadline,
                                                  Cancel* cancel, bool* by_proxy);

  Loop& loop_;
  TlsContext& tls_;
  TlsSessions sessions_;
  std::unique_ptr<Resolver> resolver_;
};

}  // namespace wasat::net
