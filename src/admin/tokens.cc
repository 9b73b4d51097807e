#include "admin/tokens.h"

#include <algorithm>
#include <charconv>

#include "account/limits.h"
#include "account/past_use.h"
#include "admin/context.h"
#include "admin/fields.h"
#include "admin/read_time.h"
#include "admin/write_json.h"
#include "base/random.h"

namespace wasat::admin {
namespace {

// What a request says of a token; what it does not say stays as it is.
struct Wanted {
  std::optional<std::string> name;
  std::optional<bool> disabled;
  std::optional<std::string> allow;
  std::optional<store::Time> expires;
  std::optional<std::string> limits;
  std::optional<account::TokenKind> kind;
};

// "files", ["files", "caches"]: as account::Allowed reads it.
std::optional<std::string> read_allow(Fields& fields) {
  const json::Value given = fields.any("allow");
  if (!given || given.is_null()) return std::nullopt;
  std::string words;
  if (given.is_array()) {
    for (const json::Value word : given) words.append(word.string_or("?")).append(" ");
  } else {
    words = given.string_or("?");
  }
  const Result<account::Allowed> allowed = account::Allowed::parse(words);
  if (!allowed) {
    fields.wrong("allow", "allow: " + allowed.error().detail,
                 "use words of the setting access.tokens_allow");
    return std::nullopt;
  }
  return allowed->text();
}

std::optional<std::string> read_limits(Fields& fields) {
  if (fields.is_null("limits")) return std::string();
  const json::Value given = fields.object("limits");
  if (!given) return std::nullopt;
  const Result<account::Limits> limits = account::Limits::parse(given.raw());
  if (!limits) {
    const std::string& member = limits.error().param;
    fields.wrong(member.empty() ? "limits" : "limits." + member, limits.error().detail);
    return std::nullopt;
  }
  return limits->text();
}

std::optional<account::TokenKind> read_kind(Fields& fields) {
  const auto name = fields.text("kind", 64);
  if (!name) return std::nullopt;
  const account::TokenKind kind = account::read_token_kind(*name);
  if (kind == account::TokenKind::kUnknown) {
    fields.wrong("kind", "kind is neither client nor relay");
    return std::nullopt;
  }
  return kind;
}

// What a client may use says nothing of a node.
void check_kind(const Wanted& wanted, account::TokenKind kind, Fields& fields) {
  if (kind == account::TokenKind::kClient) return;
  for (const auto& [name, given] :
       {std::pair("allow", &wanted.allow), std::pair("limits", &wanted.limits)}) {
    if (*given && !(*given)->empty() && **given != "none") {
      fields.wrong(name, std::string(name) +
                             " is of client tokens: this one only lets relay nodes "
                             "connect");
    }
  }
}

Wanted read_wanted(Fields& fields) {
  Wanted wanted{.name = fields.text("name", 200),
                .disabled = fields.boolean("disabled"),
                .allow = read_allow(fields),
                .expires = std::nullopt,
                .limits = read_limits(fields),
                .kind = read_kind(fields)};
  if (fields.is_null("expires")) {
    wanted.expires = store::Time{};
  } else if (const auto text = fields.text("expires", 64)) {
    wanted.expires = read_time(*text);
    if (!wanted.expires) {
      fields.wrong("expires", "expires is no time such as 2030-01-31T12:00:00Z");
    }
  }
  if (wanted.name && wanted.name->empty()) fields.wrong("name", "the name is empty");
  return wanted;
}

void apply(Wanted wanted, store::Token& row) {
  if (wanted.name) row.name = std::move(*wanted.name);
  if (wanted.disabled) row.disabled = *wanted.disabled;
  if (wanted.allow) row.allow = std::move(*wanted.allow);
  if (wanted.expires) row.expires = *wanted.expires;
  if (wanted.limits) row.limits = std::move(*wanted.limits);
}

Answer one(const store::Token& row, store::Time now, int status = 200,
           const Secret* text = nullptr) {
  Reply reply{.status = status};
  json::Writer writer(reply.body);
  if (text == nullptr) {
    write_token(writer, row, now);
    return reply;
  }
  // The one time that it is told.
  writer.begin_object().member("text", text->reveal()).key("token");
  write_token(writer, row, now);
  writer.end_object();
  return reply;
}

store::Time now_of(const Context& context) { return store::to_time(context.clock.wall()); }

// Those of the environment, as rows: shown, and changed where they come from.
std::vector<store::Token> environment_tokens(const Context& context) {
  std::vector<store::Token> rows;
  const FromSettings& settings = context.registry.from_settings();
  const auto add_all = [&](std::span<const Secret> texts, account::TokenKind kind) {
    std::size_t number = 0;
    for (const Secret& text : texts) {
      if (text.empty()) continue;
      rows.push_back(account::environment_token(text, kind, ++number, context.keys.tokens));
      if (kind == account::TokenKind::kClient) {
        rows.back().allow = settings.tokens_allowed.text();
        rows.back().limits = settings.token_limits.text();
      }
    }
  };
  add_all(settings.tokens, account::TokenKind::kClient);
  add_all(settings.relay_tokens, account::TokenKind::kRelay);
  return rows;
}

Answer list_tokens(Context& context, Call& call) {
  const auto wanted = paging(call);
  if (!wanted) return refuse(wanted.error());
  std::vector<store::Token> rows = environment_tokens(context);
  rows.insert(rows.end(), context.registry.tokens().begin(), context.registry.tokens().end());
  if (const std::string kind = call.asked("kind"); !kind.empty()) {
    if (account::read_token_kind(kind) == account::TokenKind::kUnknown) {
      return refuse(bad_field("kind", "kind is neither client nor relay"));
    }
    std::erase_if(rows, [&kind](const store::Token& row) { return row.kind != kind; });
  }
  std::size_t from = 0;
  if (!wanted->cursor.empty()) {
    const auto last = std::ranges::find(rows, wanted->cursor, &store::Token::id);
    from = last == rows.end() ? rows.size() : static_cast<std::size_t>(last - rows.begin()) + 1;
  }
  const std::size_t end = std::min(rows.size(), from + wanted->limit);
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items").begin_array();
  for (std::size_t i = from; i < end; ++i) write_token(writer, rows[i], now_of(context));
  writer.end_array();
  text_or_null(writer, "next", end < rows.size() ? rows[end - 1].id : std::string());
  writer.member("total", static_cast<std::int64_t>(rows.size())).end_object();
  return reply;
}

Answer show_token(Context& context, Call& call) {
  const std::vector<store::Token> fixed = environment_tokens(context);
  const auto found = std::ranges::find(fixed, call.parameters[0], &store::Token::id);
  if (found != fixed.end()) return one(*found, now_of(context));
  const store::Token* row = context.registry.find_token(call.parameters[0]);
  if (row == nullptr) return refuse(not_found("token", call.parameters[0]));
  return one(*row, now_of(context));
}

Answer create_token(Context& context, Call& call) {
  Fields fields(call.body);
  Wanted wanted = read_wanted(fields);
  fields.require("name", wanted.name.has_value());
  const account::TokenKind kind = wanted.kind.value_or(account::TokenKind::kClient);
  check_kind(wanted, kind, fields);
  if (const auto problem = fields.problem()) return refuse(*problem);
  const bool of_client = kind == account::TokenKind::kClient;
  account::NewToken made =
      account::make_token(std::string(secure_text(20).reveal()), *wanted.name,
                          of_client ? account::Allowed::owned() : account::Allowed::none(),
                          context.keys.tokens, now_of(context), kind);
  apply(std::move(wanted), made.row);
  call.target = made.row.id;
  const store::Token row = made.row;
  if (Result<> put = context.registry.put_token(std::move(made.row)); !put) {
    return refuse(refusal_of(put.error()));
  }
  return one(row, now_of(context), 201, &made.text);
}

// The row that the call is about, when it may be changed.
std::expected<store::Token, Refusal> changeable(Context& context, Call& call) {
  call.target = call.parameters[0];
  const store::Token* row = context.registry.find_token(call.parameters[0]);
  if (row != nullptr) return *row;
  if (call.parameters[0].starts_with("env-")) {
    return refuse(conflict("this token is given by the environment or the configuration file",
                           "change access.tokens (ALLOWED_TOKENS) or relay.tokens (RELAY_TOKENS) "
                           "there"));
  }
  return refuse(not_found("token", call.parameters[0]));
}

// What a token without limits used was not metered; the ledger knows it.
void recall_use(Context& context, const std::string& id) {
  const Result<> past = account::restore_past_use(context.watched.meter, context.watched.ledger,
                                                  context.clock.wall(), id);
  if (!past) {
    context.log.warn("what a token has used before it got limits is not known",
                     {{"token", id}, {"error", past.error().detail}});
  }
}

Answer edit_token(Context& context, Call& call) {
  auto row = changeable(context, call);
  if (!row) return refuse(row.error());
  Fields fields(call.body);
  Wanted wanted = read_wanted(fields);
  const account::TokenKind kind = account::read_token_kind(row->kind);
  check_kind(wanted, kind, fields);
  if (wanted.kind && *wanted.kind != kind) {
    fields.wrong("kind", "the kind of a token cannot be changed", "make another token");
  }
  if (const auto problem = fields.problem()) return refuse(*problem);
  const bool unmetered = row->limits.empty();
  apply(std::move(wanted), *row);
  if (unmetered && !row->limits.empty()) recall_use(context, row->id);
  if (Result<> put = context.registry.put_token(*row); !put) {
    return refuse(refusal_of(put.error()));
  }
  return one(*row, now_of(context));
}

// Whoever came with the old text has to come with the new one.
void show_out(Context& context, const std::string& token_id) {
  for (const relay::NodeStatus& node : context.watched.nodes.nodes()) {
    if (node.token_id == token_id) {
      context.watched.nodes.disconnect(node.id, "this node's token was replaced");
    }
  }
}

// The same token with another text; the old one is good no longer.
Answer rotate_token(Context& context, Call& call) {
  auto row = changeable(context, call);
  if (!row) return refuse(row.error());
  const account::TokenKind kind = account::read_token_kind(row->kind);
  if (kind == account::TokenKind::kUnknown) {
    return refuse(conflict("this token is of a kind that this version does not know"));
  }
  account::NewToken made = account::make_token(row->id, row->name, account::Allowed::none(),
                                               context.keys.tokens, row->created, kind);
  row->hash = made.row.hash;
  row->prefix = made.row.prefix;
  if (Result<> put = context.registry.put_token(*row); !put) {
    return refuse(refusal_of(put.error()));
  }
  if (kind == account::TokenKind::kRelay) show_out(context, row->id);
  return one(*row, now_of(context), 200, &made.text);
}

Answer delete_token(Context& context, Call& call) {
  auto row = changeable(context, call);
  if (!row) return refuse(row.error());
  if (Result<> removed = context.registry.remove_token(row->id); !removed) {
    return refuse(refusal_of(removed.error()));
  }
  return no_content();
}

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/tokens", .handle = list_tokens},
    {.method = "POST", .path = "/tokens", .action = "token.create", .handle = create_token},
    {.method = "GET", .path = "/tokens/{id}", .handle = show_token},
    {.method = "PATCH", .path = "/tokens/{id}", .action = "token.edit", .handle = edit_token},
    {.method = "DELETE", .path = "/tokens/{id}", .action = "token.delete", .handle = delete_token},
    {.method = "POST",
     .path = "/tokens/{id}/rotate",
     .action = "token.rotate",
     .handle = rotate_token},
};

}  // namespace

void write_token(json::Writer& writer, const store::Token& token, store::Time now) {
  const bool expired = token.expires != store::Time{} && token.expires <= now;
  writer.begin_object()
      .member("id", token.id)
      .member("name", token.name)
      .member("kind", token.kind)
      .member("prefix", token.prefix)
      .member("state", token.disabled ? "disabled"
                       : expired      ? "expired"
                                      : "ready")
      .member("disabled", token.disabled)
      .member("from_environment", token.id.starts_with("env-"));
  const bool of_client = token.kind == account::token_kind_row(account::TokenKind::kClient).name;
  const std::string allow = !of_client            ? std::string()
                            : token.allow.empty() ? account::Allowed::owned().text()
                                                  : token.allow;
  writer.key("allow").begin_array();
  for (std::string_view rest = allow; !rest.empty();) {
    const std::size_t end = std::min(rest.find_first_of(", "), rest.size());
    if (end > 0) writer.string(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  writer.end_array();
  writer.key("limits");
  if (token.limits.empty()) {
    writer.null();
  } else if (account::Limits::parse(token.limits)) {
    writer.raw(token.limits);
  } else {
    writer.string(token.limits);  // of a newer Wasat, or damaged: it allows nothing
  }
  time_member(writer, "created", token.created);
  time_member(writer, "expires", token.expires);
  writer.end_object();
}

std::span<const Route> token_routes() { return kRoutes; }

}  // namespace wasat::admin
