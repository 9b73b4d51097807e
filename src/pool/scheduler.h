// Scheduler: which credential serves the next attempt.
//
// One interface for all policies; round robin is the first of them. Called by
// all workers at once.

#pragma once

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "pool/credential.h"

namespace wasat::pool {

// What an attempt needs.
struct Demand {
  std::string_view provider;  // "api_key"
  std::string_view model;     // empty: none in particular
  // Credentials that this exchange has tried already; others come first.
  std::span<const Credential* const> tried;
  // To be used if it can; null: none. It may be gone meanwhile.
  const Credential* preferred = nullptr;
  // The one credential that can serve, by its id; empty: any.
  std::string_view only{};
  // The one to take if it can serve and was not tried, by its id; empty: no matter.
  std::string_view home{};
};

bool was_tried(const Demand& demand, const Credential& credential);
// Ready, and neither all of it nor the demand's model is cooling at `now`.
bool eligible(const Demand& demand, const Credential& credential, WallTime now);

class Scheduler {
 public:
  virtual ~Scheduler() = default;
  // The credential to use, or null when none is eligible.
  virtual const CredentialPtr* choose(std::span<const CredentialPtr> credentials,
                                      const Demand& demand, WallTime now) = 0;
};

// In turn. Tried credentials serve again only when no other is eligible.
class RoundRobin final : public Scheduler {
 public:
  const CredentialPtr* choose(std::span<const CredentialPtr> credentials, const Demand& demand,
                              WallTime now) override;

 private:
  std::atomic<std::size_t> turn_{0};
};

}  // namespace wasat::pool
