#include "admin/statistics.h"

#include <algorithm>
#include <map>

#include "admin/context.h"
#include "admin/credential_list.h"
#include "admin/credentials.h"
#include "admin/usage_window.h"
#include "admin/write_json.h"
#include "store/ledger/sums.h"

namespace wasat::admin {
namespace {

using store::UsageKey;
using store::UsageStep;
using store::UsageSum;

constexpr std::size_t kMostSeries = 50;
constexpr std::size_t kUsualSeries = 10;

// Sums of a window that ends now, each of the whole of it.
Result<std::vector<UsageSum>> usage_of(Context& context, std::chrono::milliseconds length,
                                       UsageKey key) {
  const store::Time now = store::to_time(context.clock.wall());
  return context.watched.ledger.usage(now - length, now + std::chrono::milliseconds(1),
                                      UsageStep::kWhole, key, {});
}

std::expected<std::size_t, Refusal> asked_limit(const Call& call) {
  Call limited = {.method = {}, .query = call.query};
  const auto wanted = paging(limited, kMostSeries);
  if (!wanted) return refuse(wanted.error());
  return call.asked("limit").empty() ? kUsualSeries : wanted->limit;
}

// What people call it: a token's or credential's name, a model.
std::string name_of(const Context& context, UsageKey key, const std::string& value) {
  if (key == UsageKey::kCredential) {
    return context.registry.credential_name(value);
  }
  if (key == UsageKey::kToken) {
    const store::Token* token = context.registry.find_token(value);
    return token == nullptr ? std::string() : token->name;
  }
  return value;
}

Answer show_windows(Context& context, Call&) {
  Reply reply;
  json::Writer writer(reply.body);
  const store::Time now = store::to_time(context.clock.wall());
  writer.begin_object().member("now", iso_time(now)).key("windows").begin_array();
  for (const UsageWindow& window : usage_windows()) {
    const auto sums = usage_of(context, window.length, UsageKey::kNothing);
    if (!sums) return refuse(refusal_of(sums.error()));
    UsageSum total;
    for (const UsageSum& sum : *sums) add_up(total, sum);
    writer.begin_object()
        .member("window", window.name)
        .member("since", iso_time(now - window.length));
    write_usage(writer, total);
    writer.end_object();
  }
  writer.end_array()
      .member("calls_without_price",
              static_cast<std::int64_t>(context.watched.unpriced.exchanges()))
      .end_object();
  return reply;
}

struct By {
  UsageKey key = UsageKey::kNothing;
  std::string value;  // of one alone; empty: of those with most calls
};

std::expected<By, Refusal> asked_by(const Call& call, bool required) {
  const std::string name = call.asked("by");
  By by{.value = call.asked("key")};
  if (name.empty() && !required) return by;
  const std::optional<UsageKey> key = usage_key(name);
  if (!key) {
    return refuse(bad_field("by", "there are no statistics by that",
                            "use token, credential, model, dialect or provider"));
  }
  by.key = *key;
  return by;
}

// The keys with the largest `value`, largest first.
template <class Value>
std::vector<UsageSum> largest(std::vector<UsageSum> sums, std::size_t most, Value value) {
  const auto more = [&](const UsageSum& a, const UsageSum& b) {
    return value(a) != value(b) ? value(a) > value(b) : a.key < b.key;
  };
  const std::size_t count = std::min(most, sums.size());
  std::ranges::partial_sort(sums, sums.begin() + static_cast<std::ptrdiff_t>(count), more);
  sums.resize(count);
  return sums;
}

// Those with most calls of a window.
struct Busiest {
  std::vector<std::string> keys;
  std::size_t left_out = 0;
};

Result<Busiest> busiest(Context& context, store::Time since, store::Time until, const By& by,
                        std::size_t most) {
  if (!by.value.empty()) return Busiest{.keys = {by.value}};
  auto sums = context.watched.ledger.usage(since, until, UsageStep::kWhole, by.key, {});
  if (!sums) return std::unexpected(std::move(sums.error()));
  Busiest found{.left_out = sums->size() - std::min(sums->size(), most)};
  for (UsageSum& sum :
       largest(std::move(*sums), most, [](const UsageSum& each) { return each.requests; })) {
    found.keys.push_back(std::move(sum.key));
  }
  return found;
}

Answer show_series(Context& context, Call& call) {
  const auto window = asked_window(call);
  if (!window) return refuse(window.error());
  const auto by = asked_by(call, false);
  if (!by) return refuse(by.error());
  const auto limit = asked_limit(call);
  if (!limit) return refuse(limit.error());
  UsageStep step = window->step;
  if (const std::string name = call.asked("step"); !name.empty()) {
    const auto wanted = usage_step(name);
    // Minutes are kept for a day.
    if (!wanted || (*wanted == UsageStep::kMinute && window->length > std::chrono::hours(24))) {
      return refuse(
          bad_field("step", "this window has no such step", "use minute (up to 24h), hour or day"));
    }
    step = *wanted;
  }
  const store::Time now = store::to_time(context.clock.wall());
  const store::Time since = step_start(now - window->length, step);
  const store::Time until = now + std::chrono::milliseconds(1);
  const auto chosen = busiest(context, since, until, *by, *limit);
  if (!chosen) return refuse(refusal_of(chosen.error()));
  Result<std::vector<UsageSum>> sums;
  if (!chosen->keys.empty()) {
    sums = context.watched.ledger.usage(since, until, step, by->key, chosen->keys);
    if (!sums) return refuse(refusal_of(sums.error()));
  }
  std::vector<UsageSum> totals;
  for (const std::string& key : chosen->keys) {
    UsageSum total{.key = key};
    for (const UsageSum& sum : *sums) {
      if (sum.key == key) add_up(total, sum);
    }
    if (total.requests > 0) totals.push_back(std::move(total));
  }
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object()
      .member("window", window->name)
      .member("step", step == UsageStep::kMinute ? "minute"
                      : step == UsageStep::kHour ? "hour"
                                                 : "day")
      .member("since", iso_time(now - window->length))
      .member("until", iso_time(now))
      .key("series")
      .begin_array();
  for (const UsageSum& total : totals) {
    writer.begin_object().member("key", total.key);
    text_or_null(writer, "name", name_of(context, by->key, total.key));
    write_usage(writer, total);
    writer.key("points").begin_array();
    for (const UsageSum& sum : *sums) {
      if (sum.key != total.key) continue;
      writer.begin_object().member("from", iso_time(sum.from));
      write_usage(writer, sum);
      writer.end_object();
    }
    writer.end_array().end_object();
  }
  writer.end_array().member("left_out", static_cast<std::int64_t>(chosen->left_out));
  writer.end_object();
  return reply;
}

Answer show_top(Context& context, Call& call) {
  const auto window = asked_window(call);
  if (!window) return refuse(window.error());
  const auto by = asked_by(call, true);
  if (!by) return refuse(by.error());
  const auto limit = asked_limit(call);
  if (!limit) return refuse(limit.error());
  const std::string sort = call.asked("sort").empty() ? "calls" : call.asked("sort");
  auto sums = usage_of(context, window->length, by->key);
  if (!sums) return refuse(refusal_of(sums.error()));
  const std::size_t total = sums->size();
  std::vector<UsageSum> chosen;
  if (sort == "calls") {
    chosen = largest(std::move(*sums), *limit, [](const UsageSum& sum) { return sum.requests; });
  } else if (sort == "failed") {
    chosen = largest(std::move(*sums), *limit, [](const UsageSum& sum) { return sum.failures; });
  } else if (sort == "cost") {
    chosen = largest(std::move(*sums), *limit, [](const UsageSum& sum) { return sum.cost; });
  } else if (sort == "tokens") {
    chosen = largest(std::move(*sums), *limit,
                     [](const UsageSum& sum) { return sum.input + sum.output + sum.thoughts; });
  } else {
    return refuse(bad_field("sort", "there is no such order", "use calls, failed, cost or tokens"));
  }
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().member("window", window->name).key("items").begin_array();
  for (const UsageSum& sum : chosen) {
    writer.begin_object().member("key", sum.key);
    text_or_null(writer, "name", name_of(context, by->key, sum.key));
    write_usage(writer, sum);
    writer.end_object();
  }
  writer.end_array().member("total", static_cast<std::int64_t>(total)).end_object();
  return reply;
}

// Credentials that are out of use, rest, or failed most in the window.
Answer show_attention(Context& context, Call& call) {
  const auto window = asked_window(call);
  if (!window) return refuse(window.error());
  const auto limit = asked_limit(call);
  if (!limit) return refuse(limit.error());
  const auto sums = usage_of(context, window->length, UsageKey::kCredential);
  if (!sums) return refuse(refusal_of(sums.error()));
  std::map<std::string_view, const UsageSum*> by_id;
  for (const UsageSum& sum : *sums) by_id.emplace(sum.key, &sum);

  struct Case {
    const CredentialRow* row;
    UsageSum usage;
    bool out_of_use;
    std::int64_t weight;  // the worst first
  };
  const pool::WallTime now = context.clock.wall();
  std::vector<Case> cases;
  const auto look_at = [&](const CredentialRow& row) {
    const auto found = by_id.find(row.live->id());
    Case each{.row = &row,
              .usage = found == by_id.end() ? UsageSum{} : *found->second,
              .out_of_use = row.live->state() != pool::CredentialState::kReady,
              .weight = 0};
    const auto in_a_row = static_cast<std::int64_t>(row.live->failures_in_a_row());
    each.weight = each.usage.failures + in_a_row;
    if (each.out_of_use || each.weight > 0 || row.live->available_at({}) > now) {
      cases.push_back(std::move(each));
    }
  };
  const std::vector<CredentialRow> transient = context.registry.transient_credentials();
  std::ranges::for_each(context.registry.credentials(), look_at);
  std::ranges::for_each(transient, look_at);
  const std::size_t total = cases.size();
  const auto worse = [](const Case& a, const Case& b) {
    if (a.out_of_use != b.out_of_use) return a.out_of_use;
    return a.weight != b.weight ? a.weight > b.weight : a.row->live->id() < b.row->live->id();
  };
  std::ranges::sort(cases, worse);
  cases.resize(std::min(cases.size(), *limit));
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().member("window", window->name).key("items").begin_array();
  for (const Case& each : cases) {
    writer.begin_object().key("credential");
    write_credential(writer, *each.row, now);
    write_usage(writer, each.usage);
    writer.end_object();
  }
  writer.end_array().member("total", static_cast<std::int64_t>(total)).end_object();
  return reply;
}

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/statistics", .handle = show_windows},
    {.method = "GET", .path = "/statistics/series", .handle = show_series},
    {.method = "GET", .path = "/statistics/top", .handle = show_top},
    {.method = "GET", .path = "/statistics/attention", .handle = show_attention},
};

}  // namespace

std::span<const Route> statistics_routes() { return kRoutes; }

}  // namespace wasat::admin
