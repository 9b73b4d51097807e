#include "account/meter.h"

#include <algorithm>
#include <mutex>
#include <utility>

#include "account/windows.h"
#include "base/brief_lock.h"
#include "base/quick_hash.h"

namespace wasat::account {
namespace {

using std::chrono::seconds;
using Wall = Clock::Wall;

// Longer than a client should hold its breath.
constexpr seconds kLongestWait = std::chrono::minutes(15);
// Until something that is under way has probably ended.
constexpr seconds kShortly{1};

std::string plural(std::int64_t count, std::string_view what) {
  std::string text = std::to_string(count) + " " + std::string(what);
  if (count != 1) text += 's';
  return text;
}

Error refused(std::string why, std::optional<seconds> wait) {
  const bool soon = wait && *wait <= kLongestWait;
  if (wait) {
    why += ". Please try again in " + std::to_string(wait->count()) + "s.";
  } else {
    why += ". Ask the operator for more.";
  }
  Error error =
      client_error(soon ? ErrorKind::kRateLimited : ErrorKind::kQuotaExhausted, std::move(why));
  error.retry_after = wait;
  return error;
}

seconds until(Wall then, Wall now) {
  return std::max(std::chrono::ceil<seconds>(then - now), seconds(1));
}

}  // namespace

struct Reservation::Account {
  // In which month a day lies takes long to reckon, and the day is mostly the same.
  Place place(std::int64_t second, Wall wall) {
    const std::int64_t day = day_of(wall);
    if (day != known_day) {
      known_day = day;
      known_month = month_of_day(day);
    }
    return {.second = second, .day = day, .month = known_month};
  }

  std::int64_t known_day = 0;
  std::int64_t known_month = 0;
  std::int64_t under_way = 0;
  SlidingMinute requests;
  SlidingMinute input;
  Periods days;
  Periods months;
  Money total = 0;
  Money reserved = 0;  // of days, months and total: what is not spent yet
};

struct Reservation::Shard {
  mutable BriefLock mutex;
  std::unordered_map<std::string, std::unique_ptr<Account>, QuickHash, std::equal_to<>> accounts;

  Account& account(std::string_view token_id) {
    const auto found = accounts.find(token_id);
    if (found != accounts.end()) return *found->second;
    return *accounts.emplace(token_id, std::make_unique<Account>()).first->second;
  }
};

namespace {

// One look at an account: what of a token's limits stands against more. Errors are made
// within the lock, which only refused requests pay for.
template <class Account, class Place>
struct Check {
  Account& account;
  const Limits& limits;
  const Place& here;
  const Clock& clock;

  seconds until_next(Wall (*end)(Wall)) const {
    const Wall wall = clock.wall();
    return until(end(wall), wall);
  }

  std::optional<Error> requests() {
    if (limits.concurrency > 0 && account.under_way >= limits.concurrency) {
      return refused(
          "this token may have " + plural(limits.concurrency, "request") + " under way at a time",
          kShortly);
    }
    if (limits.requests_per_minute > 0 &&
        account.requests.sum(here.second) + 1 > limits.requests_per_minute) {
      return refused(
          "this token may make " + plural(limits.requests_per_minute, "request") + " per minute",
          seconds(account.requests.seconds_until(here.second, limits.requests_per_minute - 1)));
    }
    if (limits.requests_per_day > 0 &&
        account.days.at(here.day).requests + 1 > limits.requests_per_day) {
      return refused(
          "this token may make " + plural(limits.requests_per_day, "request") + " per day (UTC)",
          until_next(next_day));
    }
    return std::nullopt;
  }

  std::optional<Error> input(std::int64_t more) {
    const auto too_much = [more](std::int64_t most, std::string_view per,
                                 std::optional<seconds> wait) {
      std::string why = "this token may send " + plural(most, "input token") + " per " +
                        std::string(per) + ", and this request has about " + std::to_string(more);
      if (more > most) return refused(std::move(why), std::nullopt);
      return refused(std::move(why) + " beside what was sent before", wait);
    };
    const std::int64_t minute = limits.input_tokens_per_minute;
    if (minute > 0 && account.input.sum(here.second) + more > minute) {
      return too_much(minute, "minute",
                      seconds(account.input.seconds_until(here.second, minute - more)));
    }
    const std::int64_t day = limits.input_tokens_per_day;
    if (day > 0 && account.days.at(here.day).input + more > day) {
      return too_much(day, "day (UTC)", until_next(next_day));
    }
    return std::nullopt;
  }

  std::optional<Error> cost(Money more) {
    const auto check = [this, more](Money limit, Money used, std::string_view which,
                                    Wall (*end)(Wall)) -> std::optional<Error> {
      if (used - account.reserved >= limit) {
        return refused("this token's budget" + std::string(which) + " is used up",
                       end != nullptr ? std::optional(until_next(end)) : std::nullopt);
      }
      if (used + more <= limit || account.reserved == 0) return std::nullopt;
      return refused("what is left of this token's budget" + std::string(which) +
                         " is reserved for its requests that are under way",
                     kShortly);
    };
    if (limits.cost_total > 0) {
      if (auto error = check(limits.cost_total, account.total, "", nullptr)) return error;
    }
    if (limits.cost_per_month > 0) {
      const Money used = account.months.at(here.month).cost;
      if (auto error = check(limits.cost_per_month, used, " for this month (UTC)", next_month)) {
        return error;
      }
    }
    if (limits.cost_per_day > 0) {
      const Money used = account.days.at(here.day).cost;
      return check(limits.cost_per_day, used, " for this day (UTC)", next_day);
    }
    return std::nullopt;
  }
};

}  // namespace

Result<> Reservation::expect(Amount expected) {
  if (account_ == nullptr) return {};
  const std::int64_t second = meter_->second();
  const std::lock_guard lock(shard_->mutex);
  // Mostly that of its admission: then nobody need ask what day it is.
  const Place here =
      second == admitted_.second ? admitted_ : account_->place(second, meter_->clock_.wall());
  Check<Account, Place> check{*account_, *limits_, here, meter_->clock_};
  if (auto error = check.input(expected.input)) return fail(std::move(*error));
  if (auto error = check.cost(expected.cost)) return fail(std::move(*error));
  expected_ = here;
  reserved_ = expected;
  account_->reserved += expected.cost;
  book(second, expected);
  return {};
}

// Within the lock. The place may be forgotten meanwhile: then nobody asks for it any more.
void Reservation::book(std::int64_t second, Amount amount) {
  account_->input.correct(second, expected_->second, amount.input);
  account_->total += amount.cost;
  if (Period* day = account_->days.find(expected_->day)) {
    day->input += amount.input;
    day->cost += amount.cost;
  }
  if (Period* month = account_->months.find(expected_->month)) month->cost += amount.cost;
}

void Reservation::settle(Amount used) {
  if (account_ == nullptr) return;
  const std::int64_t second = meter_->second();
  {
    const std::lock_guard lock(shard_->mutex);
    if (!expected_) {
      expected_ = account_->place(second, meter_->clock_.wall());
      account_->days.at(expected_->day);
      account_->months.at(expected_->month);
    }
    --account_->under_way;
    account_->reserved -= reserved_.cost;
    book(second, {.input = used.input - reserved_.input, .cost = used.cost - reserved_.cost});
  }
  account_ = nullptr;
}

void Reservation::give_back() {
  if (account_ == nullptr) return;
  {
    const std::int64_t second = meter_->second();
    const std::lock_guard lock(shard_->mutex);
    account_->requests.correct(second, admitted_.second, -1);
    if (Period* day = account_->days.find(admitted_.day)) --day->requests;
  }
  settle({});
}

Meter::Meter(const Clock& clock)
    : clock_(clock), shards_(std::make_unique<std::array<Shard, kShards>>()) {}

Meter::~Meter() = default;

Meter::Shard& Meter::shard_of(std::string_view token_id) const {
  return (*shards_)[quick_hash(token_id) >> 32 & (kShards - 1)];
}

// By the clock that never goes back; its milliseconds do not matter.
std::int64_t Meter::second() const {
  return std::chrono::floor<seconds>(clock_.coarse().time_since_epoch()).count();
}

Result<> Meter::reserve(std::string_view token_id, const Limits* limits, Reservation& reservation) {
  reservation.give_back();
  if (limits == nullptr || !limits->counts()) return {};
  const Wall wall = clock_.wall();
  const std::int64_t now = second();
  Shard& shard = shard_of(token_id);
  const std::lock_guard lock(shard.mutex);
  Account& account = shard.account(token_id);
  const Place here = account.place(now, wall);
  Check<Account, Place> check{account, *limits, here, clock_};
  if (auto error = check.requests()) return fail(std::move(*error));
  if (auto error = check.cost(0)) return fail(std::move(*error));
  reservation.meter_ = this;
  reservation.shard_ = &shard;
  reservation.account_ = &account;
  reservation.limits_ = limits;
  reservation.admitted_ = here;
  reservation.expected_.reset();
  reservation.reserved_ = {};
  ++account.under_way;
  account.requests.add(here.second, 1);
  ++account.days.at(here.day).requests;
  account.months.at(here.month);
  return {};
}

void Meter::restore(std::string_view token_id, const Standing& past) {
  const Wall wall = clock_.wall();
  Shard& shard = shard_of(token_id);
  const std::lock_guard lock(shard.mutex);
  Account& account = shard.account(token_id);
  const Place here = account.place(second(), wall);
  Period& day = account.days.at(here.day);
  day.requests = std::max(day.requests, past.requests_today);
  day.input = std::max(day.input, past.input_today);
  day.cost = std::max(day.cost, past.cost_today);
  Period& month = account.months.at(here.month);
  month.cost = std::max(month.cost, past.cost_this_month);
  account.total = std::max(account.total, past.cost_total);
}

bool Meter::knows(std::string_view token_id) const {
  const Shard& shard = shard_of(token_id);
  const std::lock_guard lock(shard.mutex);
  return shard.accounts.contains(token_id);
}

Standing Meter::standing(std::string_view token_id) const {
  const Wall wall = clock_.wall();
  const Shard& shard = shard_of(token_id);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.accounts.find(token_id);
  if (found == shard.accounts.end()) return {};
  Account& account = *found->second;
  const Place here = account.place(second(), wall);
  const Period day = account.days.at(here.day);
  return {.under_way = account.under_way,
          .requests_this_minute = account.requests.sum(here.second),
          .requests_today = day.requests,
          .input_this_minute = account.input.sum(here.second),
          .input_today = day.input,
          .cost_today = day.cost,
          .cost_this_month = account.months.at(here.month).cost,
          .cost_total = account.total};
}

}  // namespace wasat::account
