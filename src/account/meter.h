// Meter: holds tokens to what they may use, exactly, however many requests come at once.
//
// A request reserves before it is served: itself at admission, then what it is expected
// to take in and to cost. At its end the true figures take the place of the expected ones; a
// request that came to nothing gives everything back, and so does a reservation that is
// merely destroyed. What is checked and what is booked happens under one lock of the token's
// shard, for well under a microsecond and never across a wait, so no burst passes a limit.
//
// - Requests and input tokens per minute: in any sixty seconds (SlidingMinute), by the
//   steady clock.
// - Per day and month: those of UTC, by the wall clock. When that jumps back, what was
//   counted for the earlier day counts again.
// - Budgets: what is spent and what is reserved together stay within them, but for one case:
//   as long as something is left, one request at a time is served even if it is expected to
//   cost more than that. So a budget can be used up, and is passed by no more than the cost
//   of one request.
// - A request that is expected to take in less than it did is served; what follows waits.
//
// Shared by all workers; any thread. A restart begins with what restore() is told from the
// ledger; the last minute, and what was under way or not yet written when the process was
// killed, is forgotten.

#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "account/limits.h"
#include "base/clock.h"
#include "base/result.h"

namespace wasat::account {

struct Amount {
  std::int64_t input = 0;  // tokens; cached ones count
  Money cost = 0;
};

// How much of a token's limits is used.
struct Standing {
  std::int64_t under_way = 0;
  std::int64_t requests_this_minute = 0;
  std::int64_t requests_today = 0;
  std::int64_t input_this_minute = 0;
  std::int64_t input_today = 0;
  Money cost_today = 0;
  Money cost_this_month = 0;
  Money cost_total = 0;
};

class Meter;

// Belongs to one request. Lives no longer than the Meter. One thread at a time.
class Reservation {
 public:
  Reservation() = default;  // of a token without limits: everything is allowed
  Reservation(const Reservation&) = delete;
  Reservation& operator=(const Reservation&) = delete;
  ~Reservation() { give_back(); }

  explicit operator bool() const { return account_ != nullptr; }

  // What the request is expected to use; once. Errors: as of Meter::reserve(); nothing is
  // booked then.
  [[nodiscard]] Result<> expect(Amount expected);
  // What it did use: counted for the time when that was expected, or for now when nothing
  // was. Ends the reservation.
  void settle(Amount used);
  // It came to nothing. Ends the reservation.
  void give_back();

 private:
  friend class Meter;
  struct Account;
  struct Shard;
  // Where something is counted.
  struct Place {
    std::int64_t second = 0;
    std::int64_t day = 0;
    std::int64_t month = 0;
  };
  void book(std::int64_t second, Amount amount);

  Meter* meter_ = nullptr;
  Shard* shard_ = nullptr;
  Account* account_ = nullptr;
  const Limits* limits_ = nullptr;
  Place admitted_;
  std::optional<Place> expected_;
  Amount reserved_;
};

class Meter {
 public:
  // `clock` outlives the meter.
  explicit Meter(const Clock& clock);
  Meter(const Meter&) = delete;
  Meter& operator=(const Meter&) = delete;
  ~Meter();

  // Books one request of the token. `limits` outlives the reservation; null: there are none.
  // Errors, with retry_after when waiting helps: kRateLimited, or kQuotaExhausted for longer
  // than a client should wait.
  // `reservation`, whatever it was, is of this request then, or of none.
  Result<> reserve(std::string_view token_id, const Limits* limits, Reservation& reservation);

  // What the token has used, of the current day and month and in all; where more is known
  // already, that stays. At start, and when a token gets limits that has had none.
  void restore(std::string_view token_id, const Standing& past);
  // Whether anything was ever counted or restored for it.
  bool knows(std::string_view token_id) const;
  Standing standing(std::string_view token_id) const;

 private:
  friend class Reservation;
  using Account = Reservation::Account;
  using Shard = Reservation::Shard;
  using Place = Reservation::Place;
  static constexpr std::size_t kShards = 32;

  Shard& shard_of(std::string_view token_id) const;
  std::int64_t second() const;

  const Clock& clock_;
  const std::unique_ptr<std::array<Shard, kShards>> shards_;
};

}  // namespace wasat::account
