// KeyCensus: how many of the pool's credentials work, rest or fail, as /health and /stats say
// it. KeyCounter: one worker's way to it, which holds nobody up.
//
// A large pool is counted in slices, between which the worker serves others, and once a second
// at most: /health is open to everybody. A small one is counted anew each time.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/clock.h"
#include "base/task.h"
#include "net/loop.h"
#include "pool/pool.h"

namespace wasat::gateway {

// Of so many credentials a page is made in one go: some tens of microseconds to count them,
// less than a millisecond to write about them.
inline constexpr std::size_t kCredentialsInOneGo = 512;

// "active", "cooling" (for all or for a model), "failed" or "leaving".
std::string_view key_status(const pool::Credential& credential, pool::WallTime now);

struct KeyCensus {
  std::int64_t total = 0;
  std::int64_t active = 0;
  std::int64_t cooling = 0;
  std::int64_t failed = 0;
  bool serving = false;  // one at least serves something

  void add(const pool::Credential& credential, pool::WallTime now);
};

// Belongs to a worker's gateway, on its thread.
class KeyCounter {
 public:
  // All outlive the counter.
  KeyCounter(const pool::Pool& pool, const Clock& clock, net::Loop& loop)
      : pool_(pool), clock_(clock), loop_(loop) {}

  // A census that is at most a second old, or somewhat older while the next is being taken.
  Task<KeyCensus> count();

 private:
  const pool::Pool& pool_;
  const Clock& clock_;
  net::Loop& loop_;
  KeyCensus last_;
  Clock::Steady taken_;  // when `last_` was; the epoch: never
  bool counting_ = false;
};

}  // namespace wasat::gateway
