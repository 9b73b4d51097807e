// Throttle: how often somebody may try a password.
//
// Each try counts as a failure until it has succeeded, so that many at once gain nothing.
// After a few failures of an address its next try must wait, twice as long each time; all
// addresses together have a larger allowance and a short wait, so that a crowd of guessers
// is slowed down and the operator still gets in. The table is bounded. Any thread.

#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"

namespace wasat::admin {

class Throttle {
 public:
  struct Options {
    unsigned free_tries = 5;  // of an address, before it must wait
    std::chrono::seconds most_wait{900};
    unsigned free_tries_of_all = 60;
    std::chrono::seconds most_wait_of_all{10};
    std::chrono::seconds forget{3600};  // without a try
    std::size_t most_addresses = 4096;
  };

  // `clock` outlives this.
  Throttle(const Clock& clock, Options options) : clock_(clock), options_(options) {}

  // A try from this address: nothing when it may go on, else for how long it must wait.
  std::optional<std::chrono::seconds> begin(std::string_view address);
  // That try was right.
  void succeeded(std::string_view address);

  std::size_t addresses() const;

 private:
  struct Tries {
    unsigned count = 0;
    Clock::Steady last{};
    Clock::Steady wait_until{};
  };
  void count(Tries& tries, unsigned free_tries, std::chrono::seconds most, Clock::Steady now) const;
  void make_room(Clock::Steady now);

  const Clock& clock_;
  const Options options_;
  mutable std::mutex mutex_;
  std::map<std::string, Tries, std::less<>> addresses_;
  Tries all_;
};

}  // namespace wasat::admin
