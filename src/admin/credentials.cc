// The resource /credentials: the members of the pool.

#include "admin/credentials.h"

#include "admin/context.h"
#include "admin/credential_list.h"
#include "admin/write_json.h"

namespace wasat::admin {
namespace {

store::Time from_unix(std::int64_t milliseconds) {
  return store::Time(std::chrono::milliseconds(milliseconds));
}

Answer list_credentials(Context& context, Call& call) {
  const auto filter = credential_filter(call);
  if (!filter) return refuse(filter.error());
  const auto wanted = paging(call);
  if (!wanted) return refuse(wanted.error());
  const pool::WallTime now = context.clock.wall();
  const std::vector<CredentialRow> transient = context.registry.transient_credentials();
  const auto page =
      page_of_credentials(context.registry, transient, *filter, call.asked("sort"), *wanted, now);
  if (!page) return refuse(page.error());
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items").begin_array();
  for (const CredentialRow* row : page->rows) write_credential(writer, *row, now);
  writer.end_array();
  text_or_null(writer, "next", page->next);
  writer.member("total", static_cast<std::int64_t>(page->matching)).end_object();
  return reply;
}

Answer show_credential(Context& context, Call& call) {
  const CredentialRow* row = context.registry.find_credential(call.parameters[0]);
  const auto transient =
      row == nullptr ? context.registry.find_transient(call.parameters[0]) : std::nullopt;
  if (transient) row = &*transient;
  if (row == nullptr) return refuse(not_found("credential", call.parameters[0]));
  Reply reply;
  json::Writer writer(reply.body);
  write_credential(writer, *row, context.clock.wall());
  return reply;
}

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/credentials", .handle = list_credentials},
    {.method = "GET", .path = "/credentials/{id}", .handle = show_credential},
};

}  // namespace

void write_credential(json::Writer& writer, const CredentialRow& row, pool::WallTime now) {
  const pool::Credential& live = *row.live;
  const pool::Credential::Counters& counters = live.counters();
  const auto attempts = static_cast<std::int64_t>(counters.attempts());
  const auto successes = static_cast<std::int64_t>(counters.successes.load());
  writer.begin_object()
      .member("id", live.id())
      .member("name", live.name())
      .member("provider", live.provider())
      .member("key", live.secret().empty() ? std::string() : live.secret().mask())
      .member("state", state_name(live, now));
  text_or_null(writer, "reason", live.state_reason());
  writer.key("cooldowns").begin_array();
  for (const pool::Cooldown& cooldown : live.cooldowns(now)) {
    writer.begin_object();
    text_or_null(writer, "model", cooldown.model);
    time_member(
        writer, "until",
        cooldown.until == pool::WallTime::max() ? store::Time{} : store::to_time(cooldown.until));
    writer.member("why", cooldown.why).end_object();
  }
  writer.end_array()
      .member("attempts", attempts)
      .member("successes", successes)
      .key("success_rate");
  if (attempts == 0) {
    writer.null();
  } else {
    writer.number(static_cast<double>(successes) / static_cast<double>(attempts));
  }
  writer.member("failures_in_a_row", static_cast<std::int64_t>(live.failures_in_a_row()))
      .member("leased", static_cast<std::int64_t>(live.leased()));
  time_member(writer, "last_success", from_unix(counters.last_success.load()));
  time_member(writer, "last_failure", from_unix(counters.last_failure.load()));
  writer.key("tier");
  if (row.tier) {
    writer.number(std::int64_t{*row.tier});
  } else {
    writer.null();
  }
  writer.member("weight", static_cast<std::int64_t>(row.weight))
      .member("most_leases", static_cast<std::int64_t>(row.most_leases));
  text_or_null(writer, "proxy", masked_url(row.proxy));
  writer.member("note", row.note)
      .member("from_environment", row.from_environment)
      .member("transient", live.transient());
  time_member(writer, "created", row.created);
  time_member(writer, "updated", row.updated);
  writer.end_object();
}

std::string masked_url(const Secret& url) {
  const std::string_view text = url.reveal();
  const std::size_t scheme = text.find("://");
  const std::size_t from = scheme == std::string_view::npos ? 0 : scheme + 3;
  const std::size_t at = text.rfind('@');
  if (at == std::string_view::npos || at < from) return std::string(text);
  return std::string(text.substr(0, from)) + "..." + std::string(text.substr(at));
}

std::span<const Route> credential_routes() { return kRoutes; }

}  // namespace wasat::admin
