#include "admin/logs.h"

#include <array>
#include <charconv>

#include "admin/context.h"
#include "admin/read_time.h"
#include "admin/usage_window.h"
#include "admin/write_json.h"

namespace wasat::admin {
namespace {

constexpr std::size_t kMostEntries = 200;
constexpr std::size_t kLongestText = 200;

std::expected<std::optional<store::Time>, Refusal> asked_time(const Call& call,
                                                              std::string_view name) {
  const std::string text = call.asked(name);
  if (text.empty()) return std::nullopt;
  const std::optional<store::Time> time = read_time(text);
  if (!time) {
    return refuse(
        bad_field(name, std::string(name) + " is no time", "write it like 2030-01-31T12:00:00Z"));
  }
  return time;
}

std::expected<store::LedgerFilter, Refusal> asked_filter(const Call& call) {
  store::LedgerFilter filter{.token_id = call.asked("token"),
                             .credential_id = call.asked("credential"),
                             .provider = call.asked("provider"),
                             .dialect = call.asked("dialect"),
                             .model = call.asked("model"),
                             .outcome = call.asked("outcome"),
                             .text = call.asked("search")};
  const auto since = asked_time(call, "since");
  if (!since) return refuse(since.error());
  filter.since = *since;
  const auto until = asked_time(call, "until");
  if (!until) return refuse(until.error());
  filter.until = *until;
  if (filter.text.size() > kLongestText) {
    return refuse(bad_field("search", "search is longer than 200 bytes"));
  }
  if (const std::string status = call.asked("status"); !status.empty()) {
    int number = 0;
    const char* end = status.data() + status.size();
    const auto read = std::from_chars(status.data(), end, number);
    if (read.ec != std::errc() || read.ptr != end) {
      return refuse(bad_field("status", "status is no number", "write it like 429"));
    }
    filter.status = number;
  }
  return filter;
}

bool is_empty(const store::LedgerFilter& filter) {
  return !filter.since && !filter.until && !filter.status && filter.token_id.empty() &&
         filter.credential_id.empty() && filter.provider.empty() && filter.dialect.empty() &&
         filter.model.empty() && filter.outcome.empty() && filter.text.empty();
}

void write_named(json::Writer& writer, std::string_view name, const std::string& id,
                 std::string_view shown) {
  writer.key(name);
  if (id.empty()) {
    writer.null();
    return;
  }
  writer.begin_object().member("id", id);
  text_or_null(writer, "name", shown);
  writer.end_object();
}

double milliseconds(std::int64_t microseconds) { return static_cast<double>(microseconds) / 1000; }

// It used what cost nothing, and its model is none that is free.
bool had_no_price(const Context& context, const store::LedgerEntry& entry) {
  if (entry.cost != 0) return false;
  const bool by_piece = entry.outcome == "ok" && entry.method.starts_with("predict");
  if (!by_piece && entry.input + entry.output + entry.thoughts == 0) return false;
  const auto prices = context.watched.prices.get();
  const account::Price* price = prices->find(entry.upstream_model);
  if (price == nullptr) return true;
  if (by_piece) {
    return !account::covers(*price, entry.method == "predict" ? gemini::Usage{.images = 1}
                                                              : gemini::Usage{.seconds = 1});
  }
  return account::cost_of(*price, {.prompt = entry.input,
                                   .candidates = entry.output,
                                   .thoughts = entry.thoughts,
                                   .cached = entry.cached}) != 0;
}

// Open, for more members.
void write_entry(json::Writer& writer, const Context& context, const store::LedgerEntry& entry) {
  const store::Token* token = context.registry.find_token(entry.token_id);
  writer.begin_object().member("id", entry.id).member("time", iso_time(entry.time));
  write_named(writer, "token", entry.token_id, token == nullptr ? "" : token->name);
  write_named(writer, "credential", entry.credential_id,
              context.registry.credential_name(entry.credential_id));
  writer.member("client", entry.client)
      .member("dialect", entry.dialect)
      .member("method", entry.method)
      .member("model", entry.model)
      .member("upstream_model", entry.upstream_model);
  text_or_null(writer, "provider", entry.provider);
  writer.member("outcome", entry.outcome);
  text_or_null(writer, "error", entry.error);
  writer.member("status", std::int64_t{entry.status})
      .member("attempts", std::int64_t{entry.attempts})
      .key("tokens")
      .begin_object()
      .member("input", entry.input)
      .member("cached", entry.cached)
      .member("output", entry.output)
      .member("thoughts", entry.thoughts)
      .end_object()
      .key("cost");
  if (had_no_price(context, entry)) {
    writer.null();
  } else {
    writer.number(dollars(entry.cost));
  }
  writer.key("first_byte_ms");
  if (entry.first_byte_us == 0) {
    writer.null();
  } else {
    writer.number(milliseconds(entry.first_byte_us));
  }
  writer.member("duration_ms", milliseconds(entry.duration_us))
      .member("bytes_in", entry.bytes_in)
      .member("bytes_out", entry.bytes_out);
}

Answer list_entries(Context& context, Call& call) {
  const auto filter = asked_filter(call);
  if (!filter) return refuse(filter.error());
  const auto wanted = paging(call, kMostEntries);
  if (!wanted) return refuse(wanted.error());
  const Result<store::LedgerPage> page =
      context.watched.ledger.find(*filter, wanted->cursor, wanted->limit);
  if (!page) return refuse(refusal_of(page.error()));
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items").begin_array();
  for (const store::LedgerEntry& entry : page->entries) {
    write_entry(writer, context, entry);
    writer.end_object();
  }
  writer.end_array();
  text_or_null(writer, "next", page->next);
  writer.end_object();
  return reply;
}

Answer show_entry(Context& context, Call& call) {
  const auto entry = context.watched.ledger.read(call.parameters[0]);
  if (!entry) return refuse(refusal_of(entry.error()));
  if (!*entry) return refuse(not_found("entry", call.parameters[0]));
  Reply reply;
  json::Writer writer(reply.body);
  write_entry(writer, context, **entry);
  text_or_null(writer, "request_body", (*entry)->request_body);
  text_or_null(writer, "response_body", (*entry)->response_body);
  writer.end_object();
  return reply;
}

Answer remove_entries(Context& context, Call& call) {
  const auto filter = asked_filter(call);
  if (!filter) return refuse(filter.error());
  if (is_empty(*filter) && call.asked("all") != "true") {
    return refuse(bad_field("all", "no filter says which entries to remove",
                            "give one, or all=true to remove every entry"));
  }
  call.target = call.query.substr(0, kLongestText);
  const Result<std::int64_t> removed = context.watched.ledger.remove(*filter);
  if (!removed) return refuse(refusal_of(removed.error()));
  Reply reply;
  json::Writer(reply.body).begin_object().member("removed", *removed).end_object();
  return reply;
}

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/logs", .handle = list_entries},
    {.method = "DELETE", .path = "/logs", .action = "logs.remove", .handle = remove_entries},
    {.method = "GET", .path = "/logs/{id}", .handle = show_entry},
};

}  // namespace

std::span<const Route> log_routes() { return kRoutes; }

}  // namespace wasat::admin
