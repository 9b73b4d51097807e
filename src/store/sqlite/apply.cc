#include <type_traits>

#include "store/sqlite/rows.h"

namespace wasat::store {
namespace {

std::string_view name_of(CredentialState state) {
  switch (state) {
    case CredentialState::kReady:
      return "ready";
    case CredentialState::kDisabled:
      return "disabled";
    case CredentialState::kNeedsPerson:
      return "needs_person";
  }
  return "ready";
}

std::optional<Blob> as_blob(const std::optional<std::string>& bytes) {
  return bytes ? std::optional<Blob>(Blob{*bytes}) : std::nullopt;
}

std::int64_t to_integer(Time time) { return time.time_since_epoch().count(); }

class Applier {
 public:
  Applier(Database& database, const Keys& keys) : database_(database), keys_(keys) {}

  Result<> operator()(const PutCredential& change) {
    const Credential& c = change.credential;
    if (c.secret.empty()) {
      return fail(client_error(ErrorKind::kInvalidRequest,
                               "the credential \"" + c.name + "\" has no secret. Give it one"));
    }
    const Digest fingerprint = keys_.fingerprint(c.provider, c.secret);
    if (Result<> unique = refuse_duplicate(c, fingerprint); !unique) return unique;
    constexpr std::string_view kSql =
        "INSERT INTO credentials (id, provider, name, secret, fingerprint, state, reason, created,"
        " updated, tier, weight, most_leases, proxy, note)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET"
        " provider = excluded.provider, name = excluded.name, secret = excluded.secret,"
        " fingerprint = excluded.fingerprint, state = excluded.state, reason = excluded.reason,"
        " updated = excluded.updated, tier = excluded.tier, weight = excluded.weight,"
        " most_leases = excluded.most_leases, proxy = excluded.proxy, note = excluded.note";
    const auto sealed = [&](const Secret& text, std::string_view column) {
      return keys_.seal.seal(text.reveal(), seal_place("credentials", c.id, column));
    };
    std::optional<std::string> secret;
    std::optional<std::string> proxy;
    if (!c.from_environment) secret = sealed(c.secret, "secret");
    if (!c.proxy.empty()) proxy = sealed(c.proxy, "proxy");
    return database_.run(
        kSql, c.id, c.provider, c.name, as_blob(secret), Blob{as_bytes(fingerprint)},
        name_of(c.state), c.reason, to_integer(c.created), to_integer(c.updated),
        c.tier ? std::optional<std::int64_t>(*c.tier) : std::nullopt, std::int64_t{c.weight},
        std::int64_t{c.most_leases}, as_blob(proxy), c.note);
  }

  Result<> operator()(const SetCredentialState& change) {
    return database_.run("UPDATE credentials SET state = ?, reason = ?, updated = ? WHERE id = ?",
                         name_of(change.state), change.reason, to_integer(change.updated),
                         change.id);
  }

  Result<> operator()(const RemoveCredential& change) {
    return database_.run("DELETE FROM credentials WHERE id = ?", change.id);
  }

  Result<> operator()(const PutCooldown& change) {
    const Cooldown& c = change.cooldown;
    return database_.run(
        "INSERT INTO cooldowns (credential_id, scope, until, why, half_open)"
        " SELECT ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM credentials WHERE id = ?1)"
        " ON CONFLICT DO UPDATE SET until = excluded.until, why = excluded.why,"
        " half_open = excluded.half_open",
        c.credential_id, c.scope, to_integer(c.until), c.why, c.half_open ? 1 : 0);
  }

  Result<> operator()(const ClearCooldowns& change) {
    if (!change.scope) {
      return database_.run("DELETE FROM cooldowns WHERE credential_id = ?", change.credential_id);
    }
    return database_.run("DELETE FROM cooldowns WHERE credential_id = ? AND scope = ?",
                         change.credential_id, *change.scope);
  }

  Result<> operator()(const PutCredentialHealth& change) {
    Result<Statement> put = database_.prepare(
        "INSERT INTO credential_health (credential_id, successes, failures, failures_in_a_row,"
        " half_open, attempts, succeeded, last_success, last_failure, noted)"
        " SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?, ? WHERE EXISTS (SELECT 1 FROM credentials WHERE id = "
        "?1)"
        " ON CONFLICT DO UPDATE SET successes = excluded.successes, failures = excluded.failures,"
        " failures_in_a_row = excluded.failures_in_a_row, half_open = excluded.half_open,"
        " attempts = excluded.attempts, succeeded = excluded.succeeded,"
        " last_success = excluded.last_success, last_failure = excluded.last_failure,"
        " noted = excluded.noted");
    if (!put) return std::unexpected(std::move(put.error()));
    const auto thousandths = [](double value) { return static_cast<std::int64_t>(value * 1000); };
    for (const CredentialHealth& h : change.health) {
      const Result<> done =
          put->bind(h.credential_id, thousandths(h.successes), thousandths(h.failures),
                    std::int64_t{h.failures_in_a_row}, std::int64_t{h.half_open},
                    static_cast<std::int64_t>(h.attempts), static_cast<std::int64_t>(h.succeeded),
                    to_integer(h.last_success), to_integer(h.last_failure), to_integer(h.noted))
              .run();
      if (!done) return done;
    }
    return {};
  }

  Result<> operator()(const PutToken& change) {
    const Token& t = change.token;
    return database_.run(
        "INSERT INTO tokens (id, name, kind, hash, prefix, allow_raw, allow, disabled, created,"
        " expires, limits) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
        " ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
        " kind = excluded.kind, hash = excluded.hash, prefix = excluded.prefix,"
        " allow_raw = excluded.allow_raw, allow = excluded.allow, disabled = excluded.disabled,"
        " expires = excluded.expires, limits = excluded.limits",
        t.id, t.name, t.kind, Blob{as_bytes(t.hash)}, t.prefix, std::int64_t{t.allow == "all"},
        t.allow, std::int64_t{t.disabled}, to_integer(t.created), to_integer(t.expires), t.limits);
  }

  Result<> operator()(const RemoveToken& change) {
    return database_.run("DELETE FROM tokens WHERE id = ?", change.id);
  }

  Result<> operator()(const PutTokenKey& change) {
    const std::string id = hex(as_bytes(HmacKey(change.key)("wasat token key id")).substr(0, 8));
    return database_.run(
        "INSERT INTO token_keys (id, key) VALUES (?, ?) ON CONFLICT (id) DO NOTHING", id,
        Blob{keys_.seal.seal(change.key.reveal(), seal_place("token_keys", id, "key"))});
  }

  Result<> operator()(const PutSetting& change) {
    constexpr std::string_view kSql =
        "INSERT INTO settings (key, value, sealed) VALUES (?, ?, ?) ON CONFLICT (key) DO UPDATE"
        " SET value = excluded.value, sealed = excluded.sealed";
    if (!change.seal) return database_.run(kSql, change.key, change.value.reveal(), nullptr);
    const std::string sealed =
        keys_.seal.seal(change.value.reveal(), seal_place("settings", change.key, "sealed"));
    return database_.run(kSql, change.key, nullptr, Blob{sealed});
  }

  Result<> operator()(const RemoveSetting& change) {
    return database_.run("DELETE FROM settings WHERE key = ?", change.key);
  }

  Result<> operator()(const SetAdminPassword& change) {
    return database_.run(
        "INSERT INTO admin (id, password_hash, updated) VALUES (1, ?, ?) ON CONFLICT (id)"
        " DO UPDATE SET password_hash = excluded.password_hash, updated = excluded.updated",
        change.hash, to_integer(change.updated));
  }

  Result<> operator()(const PutModelAlias& change) {
    return database_.run(
        "INSERT INTO model_aliases (alias, model) VALUES (?, ?)"
        " ON CONFLICT (alias) DO UPDATE SET model = excluded.model",
        change.alias, change.model);
  }

  Result<> operator()(const RemoveModelAlias& change) {
    return database_.run("DELETE FROM model_aliases WHERE alias = ?", change.alias);
  }

  Result<> operator()(const PutResource& change) {
    const Resource& r = change.resource;
    return database_.run(
        "INSERT INTO resources (token_id, name, credential_id, mime_type, created, expires)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (token_id, name) DO UPDATE SET"
        " credential_id = excluded.credential_id, mime_type = excluded.mime_type,"
        " created = excluded.created, expires = excluded.expires",
        r.token_id, r.name, r.credential_id, r.mime_type, to_integer(r.created),
        to_integer(r.expires));
  }

  Result<> operator()(const RemoveResource& change) {
    return database_.run("DELETE FROM resources WHERE token_id = ? AND name = ?", change.token_id,
                         change.name);
  }

  Result<> operator()(const RemoveExpiredResources& change) {
    return database_.run("DELETE FROM resources WHERE expires <= ?", to_integer(change.now));
  }

  Result<> operator()(const PutNodeName& change) {
    const NodeName& n = change.name;
    return database_.run(
        "INSERT INTO node_names (id, token_id, taken) VALUES (?, ?, ?) ON CONFLICT (id)"
        " DO UPDATE SET token_id = excluded.token_id, taken = excluded.taken",
        n.id, n.token_id, to_integer(n.taken));
  }

  Result<> operator()(const RemoveNodeNames& change) {
    return database_.run(
        "DELETE FROM node_names WHERE id NOT IN"
        " (SELECT id FROM node_names ORDER BY taken DESC, id LIMIT ?)",
        static_cast<std::int64_t>(change.keep));
  }

  Result<> operator()(const PutMemo& change) {
    const Memo& m = change.memo;
    const std::string_view kind = memo_kind_name(m.kind);
    // REPLACE gives a new number: what is written again is new again.
    return database_.run(
        "INSERT OR REPLACE INTO memos (token_id, kind, key, value, created) VALUES (?, ?, ?, ?, ?)",
        m.token_id, kind, m.key,
        Blob{keys_.seal.seal(m.value, memo_place(m.token_id, kind, m.key))}, to_integer(m.created));
  }

  Result<> operator()(const RemoveMemos& change) {
    if (Result<> old =
            database_.run("DELETE FROM memos WHERE created < ?", to_integer(change.before));
        !old) {
      return old;
    }
    return database_.run(
        "DELETE FROM memos WHERE number <= (SELECT MAX(number) FROM (SELECT number,"
        " SUM(LENGTH(value)) OVER (ORDER BY number DESC) AS held FROM memos) WHERE held > ?)",
        static_cast<std::int64_t>(change.keep_bytes));
  }

  Result<> operator()(const PutSession& change) {
    const Session& s = change.session;
    return database_.run(
        "INSERT INTO sessions (id, hash, created, last_used, address, user_agent)"
        " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET last_used = excluded.last_used",
        s.id, Blob{as_bytes(s.hash)}, to_integer(s.created), to_integer(s.last_used), s.address,
        s.user_agent);
  }

  Result<> operator()(const RemoveSession& change) {
    return database_.run("DELETE FROM sessions WHERE id = ?", change.id);
  }

  Result<> operator()(const PutAuditEntry& change) {
    const AuditEntry& e = change.entry;
    return database_.run(
        "INSERT INTO audit (time, session_id, address, action, target, outcome)"
        " VALUES (?, ?, ?, ?, ?, ?)",
        to_integer(e.time), e.session_id, e.address, e.action, e.target, e.outcome);
  }

  Result<> operator()(const RemoveAuditEntries& change) {
    return database_.run("DELETE FROM audit WHERE time < ?", to_integer(change.before));
  }

 private:
  Result<> refuse_duplicate(const Credential& c, const Digest& fingerprint) {
    Result<Statement> found = database_.kept(
        "SELECT id, name, secret IS NULL FROM credentials WHERE fingerprint = ? AND id != ?");
    if (!found) return std::unexpected(std::move(found.error()));
    const Result<bool> row = found->bind(Blob{as_bytes(fingerprint)}, c.id).step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    // What was only noted about an environment's key gives way to the key itself.
    if (found->integer(2) != 0) {
      const std::string noted(found->text(0));
      if (Result<> moved = database_.run(
              "UPDATE resources SET credential_id = ? WHERE credential_id = ?", c.id, noted);
          !moved) {
        return moved;
      }
      return database_.run("DELETE FROM credentials WHERE id = ?", noted);
    }
    return fail(client_error(ErrorKind::kInvalidRequest,
                             "the credential " + c.secret.mask() + " is already there as \"" +
                                 std::string(found->text(1)) +
                                 "\". Edit that one, or remove it first"));
  }

  Database& database_;
  const Keys& keys_;
};

}  // namespace

Result<> apply(Database& database, const Keys& keys, const Change& change) {
  return std::visit(Applier(database, keys), change);
}

}  // namespace wasat::store
