// Health checks: whether credentials can generate, found out by asking for one word.
//
// Only a generated word proves that a key works: lists of models are given to keys that may
// not generate, and counting tokens passes where a quota is used up. The smallest request
// costs next to nothing. What comes of it counts for the credential like any attempt, and one
// that answers need not rest any more. Run on a worker, with its connections.

#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/cancel.h"
#include "base/task.h"
#include "gateway/shared.h"

namespace wasat::gateway {

struct Probe {
  std::string model;  // bare: "gemini-2.5-flash-lite"
  std::chrono::milliseconds time{20'000};
  // One that is out of use is used again when it answers, whoever or whatever has disabled it.
  bool enable = false;
};

// What a check has found.
struct Health {
  enum class Finding : std::uint8_t {
    kWell,       // it generates
    kLimited,    // the key is good, but its rate or quota is used up for now
    kDefective,  // it cannot be used until a person acts
    kUnknown,    // somebody else failed: the network, a proxy, the upstream, the model's name
  };
  std::string credential_id;
  Finding finding = Finding::kUnknown;
  std::string error;  // for people; empty when it is well; no secrets
  std::chrono::milliseconds took{0};
  bool recovered = false;  // it was out of use or rested, and is not any more
};
std::string_view finding_name(Health::Finding finding);  // "well", "limited", ...

// All that is given outlives the task.
WASAT_OWN_FRAME Task<Health> check(const Shared& shared, Worker& worker,
                                   const pool::CredentialPtr& credential, const Probe& probe,
                                   Cancel& cancel);

// Called on the worker's thread after each check, in the order in which they end.
using HealthTold = std::function<void(const Health&)>;

// Checks all of them, `at_once` at a time. Those that have not begun when `cancel` is requested
// are left out.
WASAT_OWN_FRAME Task<> check_many(const Shared& shared, Worker& worker,
                                  const std::vector<pool::CredentialPtr>& credentials,
                                  const Probe& probe, std::size_t at_once, const HealthTold& told,
                                  Cancel& cancel);

// Which credentials are worth a check that nobody asked for: those that have failed or rest
// for it, and those that are out of use for what may have been mended meanwhile. Not those
// that rest for a quota (the upstream has said until when), nor those that Google has banned
// or a person has disabled. At most `most`, beginning anywhere.
std::vector<pool::CredentialPtr> credentials_in_trouble(const Shared& shared, Random& random,
                                                        std::size_t most);

struct ProxyHealth {
  bool well = false;
  std::string error;                  // for people; no password
  bool by_proxy = false;              // the proxy is why, not what lies behind it
  std::chrono::milliseconds took{0};  // to a connection, TLS included
};
// Whether the proxy (null: none) leads to the upstream. All that is given outlives the task.
WASAT_OWN_FRAME Task<ProxyHealth> check_proxy(http::Client& client, const net::Origin& upstream,
                                              const net::Proxy* proxy,
                                              std::chrono::milliseconds at_most, Cancel& cancel);

}  // namespace wasat::gateway
