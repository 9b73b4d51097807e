// Pool: makes many credentials behave as one.
//
// Shared by all workers; each has a Seat in it, through which it leases a
// credential for an attempt and settles the lease with its outcome. From outcomes
// follow cooldowns and states. Changes that must survive a restart are told to the
// listener, which must not block.
//
// The index lock is held when somebody's availability changes, never for a choice
// among those who are available.

#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "pool/address_watch.h"
#include "pool/affinity_table.h"
#include "pool/departed.h"
#include "pool/lease.h"
#include "pool/options.h"
#include "pool/pace.h"
#include "pool/scheduler.h"
#include "pool/wait_queue.h"

namespace wasat::pool {

// Told of changes from any worker, while no lock is held.
class PoolListener {
 public:
  virtual ~PoolListener() = default;
  virtual void state_changed(const Credential& credential) = 0;
  virtual void cooled(const Credential& credential, const Cooldown& cooldown) = 0;
  // It turned out that it need not rest; an empty model: for everything.
  virtual void cooldown_cleared(const Credential& credential, std::string_view model) = 0;
};

struct Census {
  std::size_t all = 0;
  std::size_t ready = 0;  // available or busy
  std::size_t cooling = 0;
  std::size_t disabled = 0;
};

class Pool {
 public:
  // `clock` and `listener` (may be null) outlive the pool.
  Pool(const Clock& clock, PoolOptions options, PoolListener* listener);
  ~Pool();

  // Any thread, at any time; takes effect with the next lease.
  void configure(PoolOptions options);
  PoolOptions options() const { return *options_.get(); }

  // Any thread. Costs time in proportion to the pool: not on a worker when it is large.
  // Transient ones that are here stay, whether they are named or not.
  void replace(CredentialList credentials);
  // Adds them, or puts them in the place of those with the same ids, from which they
  // take over what was learnt; transient ones also from those that have left.
  void put(const CredentialList& credentials);
  void remove(std::span<const std::string> ids);

  std::shared_ptr<const CredentialList> credentials() const;
  CredentialPtr find(std::string_view id) const;
  // Of one provider's, or of all when it is empty.
  Census census(std::string_view provider = {}) const;
  // Nothing is in it that does not come and go by itself. Any thread; costs a look.
  bool only_transient() const { return only_transient_.load(std::memory_order_relaxed); }

  // An operator's word. A ready credential starts anew: without cooldowns, and with
  // what is believed of a new one.
  void set_state(Credential& credential, CredentialState state, std::string reason);
  void reset(Credential& credential);
  // A transient one will be gone soon: it gets nothing more, and its state stays as it is.
  void retire(Credential& credential);
  // It has answered a health check: it need not rest any more, as a whole and with the model,
  // whatever it rests for with others. One that is out of use is used again if `enable`.
  // False: nothing was wrong with it, or it stays out of use.
  bool recovered(Credential& credential, std::string_view model, bool enable);

  // Every second or so, from any thread: takes back those whose time has come, minds the
  // wall clock, lets go of what was removed.
  void tick();
  // Those whose health has changed since this was last asked.
  CredentialList take_changed();
  // The process ends: whoever waits for a credential is refused now.
  void stop_waiting() { waiting_.close(); }
  // Half of all first chunks of the model come sooner, and all but five in a hundred;
  // zero: not enough is known yet.
  std::chrono::nanoseconds late_first_chunk(std::string_view model) const;

 private:
  friend class Seat;

  // pool.cc
  void publish(CredentialList credentials);
  void keep_transient(CredentialList& credentials) const;
  void refresh(Credential& credential, Ticks now);
  void take_back(const Roster& roster, Ticks now, std::size_t most);
  // Whose health has changed, by number; each worker has a list, so that they do not meet.
  struct Changed {
    std::mutex mutex;
    std::vector<std::uint32_t> numbers;
  };
  static void note_changed(Credential& credential, Changed& changed);
  struct SeatPart {
    Share leases;
    Changed changed;
  };
  Pace* pace(std::string_view model, bool make);
  std::int64_t unix_milliseconds(Ticks now) const {
    return (now + wall_ahead_.load(std::memory_order_relaxed)) / 1'000'000;
  }
  float fair_share(Ticks now) const;

  // judge.cc
  void judge(Credential& credential, std::string_view model, Pace* pace,
             const gemini::Failure& failure, Moment now, Random& random);
  void judge_quota(Credential& credential, std::string_view model, const gemini::Failure& failure,
                   Moment now, Random& random);
  void judge_fault(Credential& credential, std::string_view model, Pace* pace,
                   const gemini::Failure& failure, Moment now, Random& random);
  void blame(Credential& credential, Cooldown cooldown, std::chrono::seconds base,
             std::chrono::seconds most, Moment now, Random& random);
  void cool(Credential& credential, const Cooldown& cooldown, Moment now);

  // refusal.cc
  struct Refusal {
    Error error;
    Ticks earliest = kNever;  // when one may be free: at any time when one is busy
  };
  Refusal refusal(const Roster& roster, const Demand& demand, const ModelName& model,
                  Moment now) const;
  static Refusal owner_refusal(const Roster& roster, const Demand& demand, Moment now);

  const Clock& clock_;
  Snapshot<PoolOptions> options_;
  PoolListener* const listener_;
  std::array<std::unique_ptr<Scheduler>, 5> schedulers_;  // by Policy
  AffinityTable affinities_;
  AddressWatch address_;
  WaitQueue waiting_;
  std::atomic<std::int64_t> wall_ahead_;  // of steady time, nanoseconds
  std::atomic<bool> only_transient_{true};

  mutable std::mutex index_mutex_;  // the newest roster's availability, and what follows
  Snapshot<Roster> roster_;
  std::shared_ptr<const Roster> newest_;
  std::vector<std::uint32_t> free_numbers_;
  std::uint32_t numbers_ = 0;
  struct Removed {
    std::weak_ptr<const Roster> roster;  // while somebody sees it, they may be leased
    CredentialList credentials;
    Ticks since;
  };
  std::vector<Removed> removed_;
  Departed departed_;

  mutable std::mutex paces_mutex_;
  std::map<std::string, std::unique_ptr<Pace>, std::less<>> paces_;
  Changed changed_;
  mutable std::mutex seats_mutex_;
  std::vector<SeatPart*> seats_;
};

}  // namespace wasat::pool
