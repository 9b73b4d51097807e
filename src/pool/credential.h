// Credential: a member of the pool, such as one API key.
//
// What it is never changes after creation. How it fares (State, counters,
// cooldowns) changes under all workers at once: atomics, and one short lock for
// cooldowns of single models. Shared by the pool and the leases on it.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "base/secret.h"
#include "net/origin.h"

namespace wasat::pool {

using WallTime = std::chrono::system_clock::time_point;

enum class CredentialState : std::uint8_t { kReady, kDisabled, kNeedsPerson };

// Until when a credential is left alone for a scope, and why.
struct Cooldown {
  std::string model;  // empty: for everything
  WallTime until;
  std::string why;  // "rate limited (GenerateRequestsPerMinutePerProjectPerModel)"
};

struct CredentialIdentity {
  std::string id;
  std::string provider;  // "api_key"
  std::string name;      // for people; the masked key when nobody named it
  Secret secret;
  std::shared_ptr<const net::Proxy> proxy;  // its own way out; null: as the settings say
};

class Credential {
 public:
  explicit Credential(CredentialIdentity identity) : identity_(std::move(identity)) {}

  const std::string& id() const { return identity_.id; }
  const std::string& provider() const { return identity_.provider; }
  const std::string& name() const { return identity_.name; }
  const Secret& secret() const { return identity_.secret; }
  const std::shared_ptr<const net::Proxy>& proxy() const { return identity_.proxy; }

  CredentialState state() const { return state_.load(std::memory_order_acquire); }
  // Why the state is not kReady, and what a person should do; empty when it is.
  std::string state_reason() const;
  void set_state(CredentialState state, std::string reason);

  // When the credential may serve `model` again; a time in the past when it may now.
  WallTime available_at(std::string_view model) const;
  // Extends, never shortens. WallTime::max() is for good.
  void cool(Cooldown cooldown);
  void clear_cooldowns();
  // Those that have not passed at `now`.
  std::vector<Cooldown> cooldowns(WallTime now) const;

  // Counted by the pool when leases are settled.
  struct Counters {
    std::atomic<std::uint64_t> attempts{0};
    std::atomic<std::uint64_t> successes{0};
    std::atomic<std::uint32_t> failures_in_a_row{0};
    std::atomic<std::int64_t> last_success{0};  // unix milliseconds; 0: never
    std::atomic<std::int64_t> last_failure{0};
    std::atomic<std::int32_t> leased{0};
  };
  Counters& counters() { return counters_; }
  const Counters& counters() const { return counters_; }

 private:
  const CredentialIdentity identity_;
  std::atomic<CredentialState> state_{CredentialState::kReady};
  std::atomic<std::int64_t> cool_until_{0};       // everything; ticks of WallTime
  std::atomic<bool> has_model_cooldowns_{false};  // spares the lock to most requests
  mutable std::mutex mutex_;                      // reasons and single models
  std::string state_reason_;
  std::string cool_why_;
  std::map<std::string, Cooldown, std::less<>> model_cooldowns_;
  Counters counters_;
};

using CredentialPtr = std::shared_ptr<Credential>;

}  // namespace wasat::pool
