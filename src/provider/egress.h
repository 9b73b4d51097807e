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
// Shared by all workers; the list is fixed at start. Any thread.

#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "http/client.h"
#include "pool/credential.h"

namespace wasat::provider {

class Egress final : public http::ProxyWatch {
 public:
  static constexpr std::chrono::seconds kFirstRest{5};  // doubles with each failure in a row
  static constexpr std::chrono::seconds kLongestRest{60};

  // `usual`: the upstream, with the proxy for all if there is one. `clock` outlives this.
  Egress(const http::Upstream& usual, const std::vector<net::Proxy>& list, const Clock& clock);
  Egress(const Egress&) = delete;
  Egress& operator=(const Egress&) = delete;

  // The upstream by the credential's way out: one of ours, or `own`, which is filled then.
  // Error: its own proxy has failed a moment ago.
  Result<const http::Upstream*> choose(const pool::Credential& credential,
                                       std::optional<http::Upstream>& own);

  void failed(const net::Proxy& proxy, const Error& error) override;
  void worked(const net::Proxy& proxy) override;

  struct Trouble {
    std::string proxy;  // its name, without a password
    std::string error;
    std::chrono::seconds rests;  // still
  };
  // Proxies that failed last time; for operators.
  std::vector<Trouble> troubles() const;

 private:
  struct Way {
    http::Upstream upstream;
    std::uint64_t hash;
  };
  struct Fault {
    int in_a_row = 0;
    Clock::Steady rests_until;
    std::string error;
  };
  const http::Upstream& best(const pool::Credential& credential) const;
  bool rests(const net::Proxy& proxy, std::string* why = nullptr) const;

  const Clock& clock_;
  http::Upstream usual_;
  std::vector<Way> ways_;
  std::atomic<std::size_t> fault_count_{0};  // spares the lock when all is well
  mutable std::mutex mutex_;
  std::map<std::string, Fault> faults_;  // by the proxy's name
};

}  // namespace wasat::provider
