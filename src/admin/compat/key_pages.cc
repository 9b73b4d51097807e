#include <algorithm>
#include <charconv>

#include "admin/compat/keys.h"
#include "admin/compat/routes.h"
#include "admin/context.h"
#include "json/writer.h"

namespace wasat::admin::compat {
namespace {

constexpr std::size_t kUsualPage = 10;
constexpr std::size_t kMostPage = 1000;

std::int64_t failures(const CredentialRow& row) {
  return static_cast<std::int64_t>(row.live->failures_in_a_row());
}

bool is_valid(const CredentialRow& row, pool::WallTime now) {
  return status_word(row, now) != "failed";
}

std::size_t asked_number(const Call& call, std::string_view name, std::size_t otherwise) {
  const std::string text = call.asked(name);
  std::size_t number = otherwise;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

void write_keys(json::Writer& writer, std::string_view name,
                std::span<const CredentialRow* const> rows) {
  writer.key(name).begin_object();
  for (const CredentialRow* row : rows) {
    writer.key_escaped(shown_key(*row)).number(failures(*row));
  }
  writer.end_object();
}

// GET /v1/keys/list
Answer list_keys(Context& context, Call&) {
  const pool::WallTime now = context.clock.wall();
  std::vector<const CredentialRow*> valid;
  std::vector<const CredentialRow*> invalid;
  for (const CredentialRow& row : context.registry.credentials()) {
    (is_valid(row, now) ? valid : invalid).push_back(&row);
  }
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().member("success", true).member("message", "ok").key("data").begin_object();
  write_keys(writer, "valid_keys", valid);
  write_keys(writer, "invalid_keys", invalid);
  writer.end_object()
      .member("total", static_cast<std::int64_t>(valid.size() + invalid.size()))
      .end_object();
  return reply;
}

// GET /api/keys?page&limit&search&fail_count_threshold&status
Answer page_of_keys(Context& context, Call& call) {
  const pool::WallTime now = context.clock.wall();
  const std::string search = call.asked("search");
  const std::string status = call.asked("status");
  const auto threshold = static_cast<std::int64_t>(asked_number(call, "fail_count_threshold", 0));
  std::vector<const CredentialRow*> rows;
  for (const CredentialRow& row : context.registry.credentials()) {
    if (status == "valid" && !is_valid(row, now)) continue;
    if (status == "invalid" && is_valid(row, now)) continue;
    if (failures(row) < threshold) continue;
    if (!shown_key(row).contains(search) && !row.live->name().contains(search)) continue;
    rows.push_back(&row);
  }
  const std::size_t limit =
      std::clamp<std::size_t>(asked_number(call, "limit", kUsualPage), 1, kMostPage);
  const std::size_t pages = (rows.size() + limit - 1) / limit;
  const std::size_t page = std::max<std::size_t>(1, asked_number(call, "page", 1));
  const std::size_t from = page > pages ? rows.size() : (page - 1) * limit;
  const std::size_t count = std::min(limit, rows.size() - from);
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object();
  write_keys(writer, "keys", std::span(rows).subspan(from, count));
  writer.member("total_items", static_cast<std::int64_t>(rows.size()))
      .member("total_pages", static_cast<std::int64_t>(pages))
      .member("current_page", static_cast<std::int64_t>(page))
      .end_object();
  return reply;
}

Reply done(std::string_view message, std::size_t count) {
  Reply reply;
  json::Writer(reply.body)
      .begin_object()
      .member("success", true)
      .member("message", message)
      .member("reset_count", static_cast<std::int64_t>(count))
      .end_object();
  return reply;
}

Answer reset(Context& context, Call& call, const std::vector<std::string>& ids) {
  call.target = std::to_string(ids.size()) + " credentials";
  if (const Result<> reset = context.registry.reset_credentials(ids); !reset) {
    return refuse(refusal_of(reset.error()));
  }
  return done("failure counts were reset", ids.size());
}

bool is_of_type(const CredentialRow& row, std::string_view type, pool::WallTime now) {
  if (type == "valid") return is_valid(row, now);
  if (type == "invalid") return !is_valid(row, now);
  return true;
}

// POST /gemini/v1beta/reset-all-fail-counts?key_type=valid|invalid
Answer reset_all(Context& context, Call& call) {
  const pool::WallTime now = context.clock.wall();
  const std::string type = call.asked("key_type");
  std::vector<std::string> ids;
  for (const CredentialRow& row : context.registry.credentials()) {
    if (is_of_type(row, type, now)) ids.push_back(row.live->id());
  }
  return reset(context, call, ids);
}

// POST /gemini/v1beta/reset-selected-fail-counts {"keys": [...], "key_type"}
Answer reset_selected(Context& context, Call& call) {
  std::vector<std::string> ids;
  for (const json::Value key : call.body["keys"]) {
    const auto found = find_keys(context.registry, key.string_or(""));
    if (found.size() == 1) ids.push_back(found.front()->live->id());
  }
  if (ids.empty()) return refuse(bad_field("keys", "none of these keys is known"));
  return reset(context, call, ids);
}

// POST /gemini/v1beta/reset-fail-count/{key}
Answer reset_one(Context& context, Call& call) {
  const auto found = find_keys(context.registry, call.parameters[0]);
  if (found.size() != 1) return refuse(not_found("such key", {}));
  return reset(context, call, {found.front()->live->id()});
}

constexpr Route kRoutes[] = {
    {.method = "GET",
     .path = "/v1/keys/list",
     .handle = list_keys,
     .needs = Needs::kSessionOrPassword},
    {.method = "GET",
     .path = "/hf/v1/keys/list",
     .handle = list_keys,
     .needs = Needs::kSessionOrPassword},
    {.method = "GET",
     .path = "/api/keys",
     .handle = page_of_keys,
     .needs = Needs::kSessionOrPassword},
    {.method = "POST",
     .path = "/gemini/v1beta/reset-all-fail-counts",
     .action = "credentials.reset",
     .handle = reset_all,
     .needs = Needs::kSessionOrPassword},
    {.method = "POST",
     .path = "/gemini/v1beta/reset-selected-fail-counts",
     .action = "credentials.reset",
     .handle = reset_selected,
     .needs = Needs::kSessionOrPassword},
    {.method = "POST",
     .path = "/gemini/v1beta/reset-fail-count/{key}",
     .action = "credential.reset",
     .handle = reset_one,
     .needs = Needs::kSessionOrPassword},
};

}  // namespace

std::span<const Route> key_routes() { return kRoutes; }

}  // namespace wasat::admin::compat
