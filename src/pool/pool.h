// Pool: makes many credentials behave as one.
//
// Shared by all workers. The list of credentials is an immutable snapshot; an
// attempt leases one of them and settles the lease with its outcome, from which
// cooldowns and states follow. Changes that must survive a restart are told to
// the listener, which must not block.

#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "base/snapshot.h"
#include "base/task.h"
#include "pool/lease.h"
#include "pool/scheduler.h"

namespace wasat::pool {

struct PoolOptions {
  // The simple policy: after `max_failures` failures in a row a credential rests for
  // `cooling_period`. When either is unset, what the upstream says decides.
  std::optional<std::uint32_t> max_failures;
  std::optional<std::chrono::seconds> cooling_period;
};

using CredentialList = std::vector<CredentialPtr>;

// Told of changes from any worker, while no lock is held.
class PoolListener {
 public:
  virtual ~PoolListener() = default;
  virtual void state_changed(const Credential& credential) = 0;
  virtual void cooled(const Credential& credential, const Cooldown& cooldown) = 0;
};

class Pool {
 public:
  // `clock` and `listener` (may be null) outlive the pool.
  Pool(const Clock& clock, PoolOptions options, std::unique_ptr<Scheduler> scheduler,
       PoolListener* listener);

  void replace(CredentialList credentials);
  std::shared_ptr<const CredentialList> credentials() const { return credentials_.get(); }

  // A credential for one attempt. Errors: kNoCredential (none exists or all are
  // disabled), kRateLimited with retry_after (all are cooling). Awaitable, since
  // a policy may wait for one that is busy. With Demand::only the errors are about
  // that one.
  Task<Result<Lease>> lease(Demand demand);

 private:
  friend class Lease;
  void settle(Credential& credential, const std::string& model, const Outcome& outcome);
  void settle_failure(Credential& credential, const std::string& model,
                      const gemini::Failure& failure);
  static Error owner_not_eligible(const CredentialList& credentials, const Demand& demand,
                                  WallTime now);
  std::optional<Cooldown> cooldown_after(Credential& credential, const std::string& model,
                                         const gemini::Failure& failure) const;
  Error none_eligible(const CredentialList& credentials, const Demand& demand, WallTime now) const;

  const Clock& clock_;
  const PoolOptions options_;
  const std::unique_ptr<Scheduler> scheduler_;
  PoolListener* const listener_;
  Snapshot<CredentialList> credentials_;
};

}  // namespace wasat::pool
