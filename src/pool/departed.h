// Departed: what was learnt about transient credentials that have left, for when they come
// back under the same id: a node whose page is reloaded must not forget that it rests.
//
// Kept in memory for a day, of the last 10,000. Belongs to the pool, under its index lock.

#pragma once

#include <deque>
#include <string>
#include <unordered_map>
#include <utility>

#include "pool/credential.h"

namespace wasat::pool {

class Departed {
 public:
  static constexpr std::size_t kMost = 10'000;
  static constexpr Ticks kKept = 24 * Ticks{3'600'000'000'000};

  // `credential` leaves. What nothing is known of is not kept.
  void remember(const Credential& credential, Moment now);
  // `credential` is here (again), and takes over what is known of its id.
  void recall(Credential& credential, Moment now);
  std::size_t size() const { return known_.size(); }

 private:
  void forget_oldest(Ticks now);

  struct Known {
    std::unique_ptr<Credential> memory;  // nothing but id and what was learnt
    Ticks since = 0;
  };
  std::unordered_map<std::string, Known> known_;
  std::deque<std::pair<Ticks, std::string>> order_;  // one for each remember(), oldest first
};

}  // namespace wasat::pool
