#include <algorithm>
#include <charconv>
#include <map>

#include "admin/compat/keys.h"
#include "admin/compat/routes.h"
#include "admin/context.h"
#include "admin/read_time.h"
#include "admin/write_json.h"
#include "json/writer.h"

namespace wasat::admin::compat {
namespace {

// Pages of other gateways are counted from the beginning, so there is an end to them.
constexpr std::size_t kMostLooked = 10'000;
constexpr std::size_t kMostGiven = 1000;
constexpr std::size_t kUsual = 10;

std::size_t asked_number(const Call& call, std::string_view name, std::size_t otherwise) {
  const std::string text = call.asked(name);
  std::size_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// At most `most` entries that the filter holds for, newest first.
Result<std::vector<store::LedgerEntry>> entries_of(Context& context,
                                                   const store::LedgerFilter& filter,
                                                   std::size_t most) {
  std::vector<store::LedgerEntry> entries;
  std::string next;
  // A search may give pages without entries; so many looks are enough.
  for (int looks = 0; looks < 64 && entries.size() < most; ++looks) {
    Result<store::LedgerPage> page = context.watched.ledger.find(
        filter, next, std::min<std::size_t>(most - entries.size(), kMostGiven));
    if (!page) return std::unexpected(page.error());
    std::ranges::move(page->entries, std::back_inserter(entries));
    next = page->next;
    if (next.empty()) break;
  }
  return entries;
}

std::string key_of(const Context& context, const store::LedgerEntry& entry) {
  const CredentialRow* row = context.registry.find_credential(entry.credential_id);
  return row == nullptr ? entry.credential_id : shown_key(*row);
}

// GET /api/stats/details?period=1m|1h|8h|24h
Answer details(Context& context, Call& call) {
  using std::chrono::hours;
  using std::chrono::minutes;
  const std::map<std::string, minutes, std::less<>> periods = {
      {"1m", minutes(1)}, {"1h", hours(1)}, {"8h", hours(8)}, {"24h", hours(24)}};
  const auto period = periods.find(call.asked("period"));
  if (period == periods.end()) {
    return refuse(bad_field("period", "there is no such period", "use 1m, 1h, 8h or 24h"));
  }
  const store::Time now = store::to_time(context.clock.wall());
  const auto entries = entries_of(context, {.since = now - period->second}, kMostGiven);
  if (!entries) return refuse(refusal_of(entries.error()));
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_array();
  for (const store::LedgerEntry& entry : *entries) {
    writer.begin_object()
        .member("timestamp", iso_time(entry.time))
        .member("key", key_of(context, entry))
        .member("model", entry.upstream_model)
        .member("status", store::is_failure(entry.outcome) ? "failure" : "success")
        .member("status_code", std::int64_t{entry.status})
        .member("latency_ms", entry.duration_us / 1000)
        .end_object();
  }
  writer.end_array();
  return reply;
}

// GET /api/stats/attention-keys?limit&status_code
Answer attention(Context& context, Call& call) {
  const store::Time now = store::to_time(context.clock.wall());
  const auto entries = entries_of(context,
                                  {.since = now - std::chrono::hours(24),
                                   .status = static_cast<int>(std::min<std::size_t>(
                                       asked_number(call, "status_code", 429), 999))},
                                  kMostLooked);
  if (!entries) return refuse(refusal_of(entries.error()));
  std::map<std::string, std::int64_t> counts;
  for (const store::LedgerEntry& entry : *entries) {
    if (!entry.credential_id.empty()) ++counts[key_of(context, entry)];
  }
  std::vector<std::pair<std::string, std::int64_t>> worst(counts.begin(), counts.end());
  std::ranges::sort(worst, [](const auto& a, const auto& b) {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  });
  worst.resize(std::min({worst.size(), asked_number(call, "limit", kUsual), kMostGiven}));
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_array();
  for (const auto& [key, count] : worst) {
    writer.begin_object().member("key", key).member("count", count).end_object();
  }
  writer.end_array();
  return reply;
}

std::optional<store::Time> asked_time(const Call& call, std::string_view name) {
  const std::string text = call.asked(name);
  std::optional<store::Time> time = read_time(text);
  // Their pages leave the offset out.
  return time ? time : read_time(text + "Z");
}

// GET /api/logs/errors?limit&offset&key_search&error_search&error_code_search&start_date&end_date
Answer errors(Context& context, Call& call) {
  store::LedgerFilter filter{.since = asked_time(call, "start_date"),
                             .until = asked_time(call, "end_date"),
                             .outcome = "failed",
                             .text = call.asked("error_search").substr(0, 200)};
  if (const std::size_t code = asked_number(call, "error_code_search", 0); code > 0) {
    filter.status = static_cast<int>(std::min<std::size_t>(code, 999));
  }
  if (const std::string key = call.asked("key_search"); !key.empty()) {
    const auto found = find_keys(context.registry, key);
    filter.credential_id = found.size() == 1 ? found.front()->live->id() : key;
  }
  const std::size_t offset = std::min(asked_number(call, "offset", 0), kMostLooked);
  const std::size_t limit =
      std::clamp<std::size_t>(asked_number(call, "limit", kUsual), 1, kMostGiven);
  const auto entries = entries_of(context, filter, offset + limit);
  if (!entries) return refuse(refusal_of(entries.error()));
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("logs").begin_array();
  for (std::size_t i = offset; i < entries->size(); ++i) {
    const store::LedgerEntry& entry = (*entries)[i];
    writer.begin_object()
        .member("id", entry.id)
        .member("gemini_key", key_of(context, entry))
        .member("model_name", entry.upstream_model)
        .member("error_type", entry.dialect + " " + entry.outcome)
        .member("error_log", entry.error)
        .member("error_code", std::int64_t{entry.status})
        .member("request_time", iso_time(entry.time))
        .end_object();
  }
  // So many are known of: counting all would cost more the more there are.
  writer.end_array().member("total", static_cast<std::int64_t>(entries->size())).end_object();
  return reply;
}

constexpr Route kRoutes[] = {
    {.method = "GET",
     .path = "/api/stats/details",
     .handle = details,
     .needs = Needs::kSessionOrPassword},
    {.method = "GET",
     .path = "/api/stats/attention-keys",
     .handle = attention,
     .needs = Needs::kSessionOrPassword},
    {.method = "GET",
     .path = "/api/logs/errors",
     .handle = errors,
     .needs = Needs::kSessionOrPassword},
};

}  // namespace

std::span<const Route> log_routes() { return kRoutes; }

}  // namespace wasat::admin::compat
