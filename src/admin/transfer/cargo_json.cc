#include "admin/transfer/cargo_json.h"

#include <limits>
#include <optional>
#include <string_view>

#include "base/base64.h"
#include "json/reader.h"
#include "json/writer.h"

namespace wasat::admin::transfer {
namespace {

std::string_view name_of(store::CredentialState state) {
  switch (state) {
    case store::CredentialState::kReady:
      return "ready";
    case store::CredentialState::kDisabled:
      return "disabled";
    case store::CredentialState::kNeedsPerson:
      return "needs_person";
  }
  return "ready";
}

std::int64_t to_integer(store::Time time) { return time.time_since_epoch().count(); }

void write_credential(json::Writer& out, const store::Credential& c) {
  out.begin_object()
      .member("id", c.id)
      .member("provider", c.provider)
      .member("name", c.name)
      .member("secret", c.secret.reveal())
      .member("state", name_of(c.state))
      .member("reason", c.reason)
      .member("created", to_integer(c.created))
      .member("updated", to_integer(c.updated));
  if (c.tier) out.member("tier", *c.tier);
  out.member("weight", std::int64_t{c.weight})
      .member("most_leases", std::int64_t{c.most_leases})
      .member("proxy", c.proxy.reveal())
      .member("note", c.note)
      .end_object();
}

void write_token(json::Writer& out, const store::Token& t) {
  out.begin_object()
      .member("id", t.id)
      .member("name", t.name)
      .member("kind", t.kind)
      .member("hash", to_base64(as_bytes(t.hash)))
      .member("prefix", t.prefix)
      .member("allow", t.allow)
      .member("disabled", t.disabled)
      .member("created", to_integer(t.created))
      .member("expires", to_integer(t.expires))
      .member("limits", t.limits)
      .end_object();
}

// Reads members and remembers the first that is wrong.
class Reader {
 public:
  explicit Reader(Cargo& cargo) : cargo_(cargo) {}

  void read(json::Value root) {
    if (!root.is_object()) return wrong("the content");
    each(root, "credentials", json::Type::kArray, [&](json::Value v) { credential(v); });
    each(root, "tokens", json::Type::kArray, [&](json::Value v) { token(v); });
    each(root, "token_keys", json::Type::kArray, [&](json::Value v) { token_key(v); });
    each(root, "settings", json::Type::kArray, [&](json::Value v) { setting(v); });
    each(root, "aliases", json::Type::kObject, [&](json::Value v) {
      cargo_.aliases.insert_or_assign(std::string(v.key()), text(v, "aliases"));
    });
  }

  const std::string& problem() const { return problem_; }

 private:
  void wrong(std::string_view what) {
    if (problem_.empty()) problem_ = what;
  }

  template <class Use>
  void each(json::Value root, std::string_view name, json::Type type, Use use) {
    const json::Value list = root[name];
    if (!list) return;
    if (list.type() != type) return wrong(name);
    for (json::Value value : list) use(value);
  }

  std::string text(json::Value value, std::string_view what) {
    const auto found = value.string();
    if (!found) wrong(what);
    return std::string(found.value_or(""));
  }
  std::string optional_text(json::Value value, std::string_view what) {
    return value ? text(value, what) : std::string();
  }
  std::int64_t integer(json::Value value, std::string_view what, std::int64_t otherwise,
                       std::int64_t low = std::numeric_limits<std::int64_t>::min(),
                       std::int64_t high = std::numeric_limits<std::int64_t>::max()) {
    if (!value) return otherwise;
    const auto found = value.integer();
    if (!found || *found < low || *found > high) {
      wrong(what);
      return otherwise;
    }
    return *found;
  }
  store::Time time(json::Value value, std::string_view what) {
    // To the year 9999, which every clock here can hold.
    return store::Time(std::chrono::milliseconds(integer(value, what, 0, 0, 253'402'300'799'999)));
  }
  bool flag(json::Value value, std::string_view what) {
    if (!value) return false;
    const auto found = value.boolean();
    if (!found) wrong(what);
    return found.value_or(false);
  }

  void credential(json::Value v) {
    constexpr std::int64_t kMost = std::numeric_limits<std::int32_t>::max();
    store::Credential c{.id = text(v["id"], "credentials.id"),
                        .provider = text(v["provider"], "credentials.provider"),
                        .name = text(v["name"], "credentials.name"),
                        .secret = Secret(v["secret"].string_or("")),
                        .state = state(v["state"]),
                        .reason = optional_text(v["reason"], "credentials.reason"),
                        .created = time(v["created"], "credentials.created"),
                        .updated = time(v["updated"], "credentials.updated")};
    if (c.provider.empty() || c.secret.empty()) wrong("credentials");
    if (v["tier"]) {
      c.tier = static_cast<int>(integer(v["tier"], "credentials.tier", 0, -kMost, kMost));
    }
    c.weight = static_cast<std::uint32_t>(integer(v["weight"], "credentials.weight", 1, 0, kMost));
    c.most_leases = static_cast<std::uint32_t>(
        integer(v["most_leases"], "credentials.most_leases", 0, 0, kMost));
    c.proxy = Secret(v["proxy"].string_or(""));
    c.note = optional_text(v["note"], "credentials.note");
    cargo_.credentials.push_back(std::move(c));
  }

  store::CredentialState state(json::Value value) {
    for (const auto state : {store::CredentialState::kReady, store::CredentialState::kDisabled,
                             store::CredentialState::kNeedsPerson}) {
      if (value.string_or("") == name_of(state)) return state;
    }
    wrong("credentials.state");
    return store::CredentialState::kDisabled;
  }

  void token(json::Value v) {
    store::Token t{.id = text(v["id"], "tokens.id"),
                   .name = text(v["name"], "tokens.name"),
                   .kind = text(v["kind"], "tokens.kind"),
                   .hash = {},
                   .prefix = text(v["prefix"], "tokens.prefix"),
                   .allow = optional_text(v["allow"], "tokens.allow"),
                   .disabled = flag(v["disabled"], "tokens.disabled"),
                   .created = time(v["created"], "tokens.created"),
                   .expires = time(v["expires"], "tokens.expires"),
                   .limits = optional_text(v["limits"], "tokens.limits")};
    const auto bytes = from_base64(v["hash"].string_or(""));
    const auto hash = bytes ? as_digest(*bytes) : std::nullopt;
    if (!hash) return wrong("tokens.hash");
    t.hash = *hash;
    cargo_.tokens.push_back(std::move(t));
  }

  void token_key(json::Value v) {
    const auto key = from_base64(v.string_or(""));
    if (!key || key->size() != 32) return wrong("token_keys");
    cargo_.token_keys.emplace_back(*key);
  }

  void setting(json::Value v) {
    std::string key = text(v["key"], "settings.key");
    if (key.empty() || !v["value"].is_string()) return wrong("settings");
    cargo_.settings.insert_or_assign(std::move(key),
                                     CargoSetting{.value = Secret(v["value"].string_or("")),
                                                  .secret = flag(v["secret"], "settings.secret")});
  }

  Cargo& cargo_;
  std::string problem_;
};

}  // namespace

std::string cargo_to_json(const Cargo& cargo) {
  std::string text;
  json::Writer out(text);
  out.begin_object().key("credentials").begin_array();
  for (const store::Credential& credential : cargo.credentials) write_credential(out, credential);
  out.end_array().key("tokens").begin_array();
  for (const store::Token& token : cargo.tokens) write_token(out, token);
  out.end_array().key("token_keys").begin_array();
  for (const Secret& key : cargo.token_keys) out.string(to_base64(key.reveal()));
  out.end_array().key("settings").begin_array();
  for (const auto& [key, setting] : cargo.settings) {
    out.begin_object()
        .member("key", key)
        .member("value", setting.value.reveal())
        .member("secret", setting.secret)
        .end_object();
  }
  out.end_array().key("aliases").begin_object();
  for (const auto& [alias, model] : cargo.aliases) out.key_escaped(alias).string(model);
  out.end_object().end_object();
  return text;
}

Result<Cargo> cargo_from_json(PaddedView json) {
  json::Document document;
  const Result<json::Value> root = document.parse(json);
  if (!root) return std::unexpected(root.error());
  Cargo cargo;
  Reader reader(cargo);
  reader.read(*root);
  if (!reader.problem().empty()) {
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "in the export, " + reader.problem() + " is not what it should be"));
  }
  return cargo;
}

}  // namespace wasat::admin::transfer
