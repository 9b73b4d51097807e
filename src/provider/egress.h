// Egress: by which proxy each credential's requests leave.
//
// A credential's own proxy comes first; else one of the operator's list, chosen by
// rendezvous hashing of the credential's id, so that a credential keeps its way out
// whatever happens to the others, and an upstream that counts by address sees each key come
// from one place (the share of a proxy that goes is spread over the rest); else the one
// proxy for all, or none. A proxy that fails is left alone for a while: its credentials of
// the list use their next best one, a credential whose own it is fails at once, so that
// another can serve.
//
// A value, made of the settings and replaced with them; what becomes of its proxies is kept
// in ProxyFaults. Any thread.

#pragma once

#include <optional>
#include <vector>

#include "http/client.h"
#include "pool/credential.h"
#include "provider/proxy_faults.h"

namespace wasat::provider {

class Egress {
 public:
  Egress() = default;
  // `usual`: the upstream, with the proxy for all if there is one.
  explicit Egress(http::Upstream usual, const std::vector<net::Proxy>& list = {});

  // The upstream by the credential's way out: one of ours, or `own`, which is filled then.
  // Error: its own proxy has failed a moment ago.
  Result<const http::Upstream*> choose(const pool::Credential& credential,
                                       const ProxyFaults& faults,
                                       std::optional<http::Upstream>& own) const;

  bool operator==(const Egress&) const = default;

 private:
  struct Way {
    http::Upstream upstream;
    std::uint64_t hash = 0;
    bool operator==(const Way&) const = default;
  };
  const http::Upstream& best(const pool::Credential& credential, const ProxyFaults& faults) const;

  http::Upstream usual_;
  std::vector<Way> ways_;
};

}  // namespace wasat::provider
