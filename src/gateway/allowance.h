// Allowance: what the token of one exchange may do, and what it takes of its limits.
//
// Belongs to an exchange (or a Live session); one worker. The phases: admit() before the
// body is read, plan() when the call is known, settle() at the end. What was reserved and
// not settled is given back when it is destroyed.

#pragma once

#include <memory>
#include <string_view>

#include "account/meter.h"
#include "account/token_table.h"
#include "gateway/record.h"
#include "gateway/shared.h"

namespace wasat::gateway {

class Allowance {
 public:
  // Whether the token may ask at all, in this dialect, now; books a request. Errors:
  // kUnauthenticated (expired), kPermissionDenied, kRateLimited, kQuotaExhausted.
  Result<> admit(const Shared& shared, const std::shared_ptr<const account::Token>& token,
                 std::string_view dialect);

  // Every model that the call would use must be allowed and, of a token with a budget, have a
  // price; reserves what it is expected to take
  // in and to cost. `unread`: a raw call's body goes by unseen. Errors as of admit().
  Result<> plan(Worker& worker, const Options& options, const gemini::Call& call,
                bool unread = false);

  // Of a Live session, whose use is not foreseen.
  Result<> allows_model(Worker& worker, std::string_view upstream_model) const;

  // A list of models with those that the token may use; null: nothing is to be left out.
  std::shared_ptr<const Buffer> visible_models(std::string_view list) const;

  // An answer that no upstream gave, or that costs nobody anything, is not counted.
  void forgive() { reservation_.give_back(); }

  // Something is booked that is still to be settled.
  bool is_open() const { return static_cast<bool>(reservation_); }

  // Books what the exchange did use, or gives back what came to nothing: by its outcome and
  // the usage that was told.
  void settle(Worker& worker, const Record& record);

 private:
  std::shared_ptr<const account::Limits> limits_;
  account::Reservation reservation_;
  account::Amount expected_input_;  // what it takes in; its cost where pieces tell it
  bool generates_ = false;          // what it used is told, or known from the request
};

}  // namespace wasat::gateway
