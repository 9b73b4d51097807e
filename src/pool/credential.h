// Credential: a member of the pool, such as one API key.
//
// What it is never changes after creation. How it fares changes under all workers
// at once: what a choice looks at lies in its first cache line and is atomic, what
// people read lies behind a short lock and is made when there is something to
// say, since a pool may hold 100,000 of them. Owned by the pool's roster; a lease
// pins it.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/secret.h"
#include "net/origin.h"
#include "pool/moment.h"
#include "pool/posterior.h"
#include "pool/share.h"

namespace wasat::pool {

enum class CredentialState : std::uint8_t { kReady, kDisabled, kNeedsPerson };

// Until when a credential is left alone for a scope, and why.
struct Cooldown {
  std::string model;  // empty: for everything
  WallTime until;
  std::string why;  // "rate limited (GenerateRequestsPerMinutePerProjectPerModel)"
  // Nobody said how long: when it is over, one lease at a time shall see whether it is.
  bool half_open = false;
};

struct CredentialIdentity {
  std::string id;
  std::string provider;  // "api_key"
  std::string name;      // for people; the masked key when nobody named it
  Secret secret;
  std::shared_ptr<const net::Proxy> proxy;  // its own way out; null: as the settings say
  std::optional<int> tier;                  // lower ones serve first; nullopt: its provider's place
  std::uint32_t weight = 1;                 // of the load within its tier, at least 1
  std::uint32_t most_leases = 0;            // at a time; 0: any number
  // It comes and goes by itself, as a relay node does: the store does not know it.
  bool transient = false;
};

// What is worth keeping over a restart, beside state and cooldowns.
struct CredentialHealth {
  Belief belief;
  std::uint32_t failures_in_a_row = 0;
  bool half_open = false;
  std::uint64_t attempts = 0;
  std::uint64_t successes = 0;
  std::int64_t last_success = 0;  // unix milliseconds; 0: never
  std::int64_t last_failure = 0;
};

// How often something happened in a row; at 65,535 it is often enough. Any thread.
class InARow {
 public:
  std::uint32_t get() const { return count_.load(std::memory_order_relaxed); }
  // With this one.
  std::uint32_t count_one() {
    const std::uint32_t before = get();
    return before == UINT16_MAX ? before : count_.fetch_add(1, std::memory_order_relaxed) + 1U;
  }
  void end() {
    if (get() != 0) set(0);
  }
  void set(std::uint32_t count) {
    count_.store(static_cast<std::uint16_t>(std::min<std::uint32_t>(count, UINT16_MAX)),
                 std::memory_order_relaxed);
  }

 private:
  std::atomic<std::uint16_t> count_{0};
};

class alignas(64) Credential {
 public:
  explicit Credential(CredentialIdentity identity);

  const std::string& id() const { return identity_.id; }
  const std::string& provider() const { return identity_.provider; }
  const std::string& name() const { return identity_.name; }
  const Secret& secret() const { return identity_.secret; }
  const std::shared_ptr<const net::Proxy>& proxy() const { return identity_.proxy; }
  const CredentialIdentity& identity() const { return identity_; }
  bool transient() const { return identity_.transient; }
  bool leaving() const { return leaving_.load(std::memory_order_acquire); }

  CredentialState state() const { return state_.load(std::memory_order_acquire); }
  // Why the state is not kReady, and what a person should do; empty when it is.
  std::string state_reason() const;
  // Ready, unless it is leaving: then it gets nothing more.
  bool serves() const { return state() == CredentialState::kReady && !leaving(); }
  // The pool's index follows by Pool::set_state and its like; these alone tell it nothing.
  void set_state(CredentialState state, std::string reason);

  // When the credential may serve `model` again; a time in the past when it may now.
  WallTime available_at(std::string_view model) const;
  // Extends, never shortens. WallTime::max() is for good.
  void cool(const Cooldown& cooldown, Moment now);
  // Of one scope, or all. False: there was none.
  bool clear_cooldown(std::string_view model);
  void clear_cooldowns();
  // Those that have not passed at `now`.
  std::vector<Cooldown> cooldowns(WallTime now) const;
  // The wall clock was set: what rests for hours follows it. (A minute does not.)
  void follow_wall(Moment now);

  CredentialHealth health(Ticks now) const;
  void restore(const CredentialHealth& health, Ticks now);
  // What is known of another one with the same id, which this one replaces; that it was
  // leaving is not.
  void take_over(const Credential& other, Moment now);

  // Counted by the pool when leases are settled.
  struct Counters {
    std::atomic<std::uint64_t> successes{0};
    std::atomic<std::int64_t> last_success{0};  // unix milliseconds; 0: never
    std::atomic<std::int64_t> last_failure{0};
    std::atomic<std::uint64_t> not_successes{0};  // whoever was to blame
    std::uint64_t attempts() const { return successes.load() + not_successes.load(); }
  };
  const Counters& counters() const { return counters_; }
  std::uint32_t failures_in_a_row() const { return failures_in_a_row_.get(); }
  std::uint32_t leased() const { return leased_.load(std::memory_order_relaxed); }
  Belief belief(Ticks now) const { return posterior_.at(now); }
  float recent_leases(Ticks now) const { return share_.recent(now); }
  // Milliseconds since it was last leased, modulo 49 days.
  std::uint32_t idle_for(Ticks now) const {
    return static_cast<std::uint32_t>(now / 1'000'000) - last_used_.load(std::memory_order_relaxed);
  }
  bool half_open() const { return half_open_.load(std::memory_order_relaxed); }
  // Leases that it can bear at a time.
  std::uint32_t most_leases() const { return half_open() ? 1 : most_leases_; }

  // Ready, not resting as a whole, and not full.
  bool available(Ticks now) const {
    return serves() && cool_until_.load(std::memory_order_acquire) <= now &&
           leased() < most_leases();
  }
  // Until when all of it rests, in steady time.
  Ticks rests_until() const { return cool_until_.load(std::memory_order_acquire); }
  // Until when the model rests here, in steady time; 0: it does not. kBusy: it is
  // being tried by one lease.
  Ticks model_rests_until(std::string_view model) const;
  static constexpr Ticks kBusy = -1;

 private:
  friend class Pool;
  friend class Seat;
  friend class Roster;

  struct ModelRest {
    Cooldown cooldown;
    Ticks until = 0;
    bool probed = false;  // a lease is finding out
  };
  struct Details {
    std::string state_reason;
    std::string why;  // of the cooldown for everything
    WallTime until;
    std::vector<ModelRest> models;
  };
  Details& details();
  ModelRest* find_model(std::string_view model) const;

  // The right to use it, if it still can. `probes` is set when the model is tried by this lease.
  bool acquire(std::string_view model, Ticks now, bool& probes);
  void release(std::string_view model, bool probes);
  // It answered: what is in doubt no more.
  struct Proven {
    bool whole = false;  // it
    bool model = false;  // it with this model
  };
  Proven prove(std::string_view model, Ticks now);

  // A choice and a success touch this line and no other.
  std::atomic<Ticks> cool_until_{0};
  Posterior posterior_;
  Share share_;
  std::atomic<std::uint32_t> leased_{0};
  std::atomic<std::uint32_t> last_used_{0};  // steady milliseconds, which turn over
  const std::uint32_t most_leases_;          // UINT32_MAX: any number
  std::atomic<CredentialState> state_{CredentialState::kReady};
  std::atomic<bool> half_open_{false};
  std::atomic<bool> leaving_{false};
  std::atomic<bool> has_model_rests_{false};  // spares the lock to most requests
  std::atomic<bool> changed_{false};          // since its health was last stored
  InARow failures_in_a_row_;
  InARow faults_in_a_row_;  // the upstream's, not the credential's
  Counters counters_;       // its beginning

  std::uint32_t number_ = UINT32_MAX;  // among all that the pool holds
  // The pool's index, under its lock.
  std::uint32_t lane_ = UINT32_MAX;
  std::uint32_t place_ = 0;  // within the lane
  mutable std::mutex mutex_;
  std::unique_ptr<Details> details_;
  const CredentialIdentity identity_;
};

using CredentialPtr = std::shared_ptr<Credential>;

}  // namespace wasat::pool
