#include "store/sqlite/rows.h"

namespace wasat::store {
namespace {

constexpr std::string_view kProof = "wasat";

CredentialState state_of(std::string_view name) {
  if (name == "disabled") return CredentialState::kDisabled;
  if (name == "needs_person") return CredentialState::kNeedsPerson;
  return CredentialState::kReady;
}

Time to_time(std::int64_t value) { return Time(std::chrono::milliseconds(value)); }

// Calls `use` with the statement at each of its rows.
template <class Use>
Result<> each_row(Database& database, std::string_view sql, Use use) {
  Result<Statement> rows = database.prepare(sql);
  if (!rows) return std::unexpected(std::move(rows.error()));
  for (;;) {
    const Result<bool> row = rows->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return {};
    use(*rows);
  }
}

Credential credential_of(const Statement& row, const Keys& keys) {
  Credential credential{.id = std::string(row.text(0)),
                        .provider = std::string(row.text(1)),
                        .name = std::string(row.text(2)),
                        .from_environment = row.is_null(3),
                        .state = state_of(row.text(4)),
                        .reason = std::string(row.text(5)),
                        .created = to_time(row.integer(6)),
                        .updated = to_time(row.integer(7)),
                        .weight = static_cast<std::uint32_t>(row.integer(9)),
                        .most_leases = static_cast<std::uint32_t>(row.integer(10)),
                        .note = std::string(row.text(12))};
  if (!row.is_null(8)) credential.tier = static_cast<int>(row.integer(8));
  // One damaged row must not keep the others from serving.
  const auto open = [&](int column, std::string_view name, Secret& into) {
    Result<Secret> opened =
        keys.seal.open(row.blob(column), seal_place("credentials", credential.id, name));
    if (opened) {
      into = std::move(*opened);
    } else {
      credential.state = CredentialState::kNeedsPerson;
      credential.reason =
          "its stored " + std::string(name) + " is damaged. Remove it and add it again";
    }
  };
  if (!credential.from_environment) open(3, "secret", credential.secret);
  if (!row.is_null(11)) open(11, "proxy", credential.proxy);
  return credential;
}

}  // namespace

Result<Contents> read_contents(Database& database, const Keys& keys, Time now) {
  Contents contents;
  // One transaction, so that all tables are of the same moment.
  Result<> done = database.execute("BEGIN");
  const auto then = [&](std::string_view sql, auto use) {
    if (done) done = each_row(database, sql, use);
  };
  then(
      "SELECT id, provider, name, secret, state, reason, created, updated, tier, weight,"
      " most_leases, proxy, note FROM credentials ORDER BY created, id",
      [&](const Statement& row) { contents.credentials.push_back(credential_of(row, keys)); });
  then("SELECT credential_id, scope, until, why, half_open FROM cooldowns",
       [&](const Statement& row) {
         const Time until = to_time(row.integer(2));
         const bool half_open = row.integer(4) != 0;
         if (until <= now && !half_open) return;
         contents.cooldowns.push_back({.credential_id = std::string(row.text(0)),
                                       .scope = std::string(row.text(1)),
                                       .until = until,
                                       .why = std::string(row.text(3)),
                                       .half_open = half_open});
       });
  then(
      "SELECT credential_id, successes, failures, failures_in_a_row, half_open, attempts,"
      " succeeded, last_success, last_failure, noted FROM credential_health",
      [&](const Statement& row) {
        contents.health.push_back({.credential_id = std::string(row.text(0)),
                                   .successes = static_cast<double>(row.integer(1)) / 1000,
                                   .failures = static_cast<double>(row.integer(2)) / 1000,
                                   .failures_in_a_row = static_cast<std::uint32_t>(row.integer(3)),
                                   .half_open = row.integer(4) != 0,
                                   .attempts = static_cast<std::uint64_t>(row.integer(5)),
                                   .succeeded = static_cast<std::uint64_t>(row.integer(6)),
                                   .last_success = to_time(row.integer(7)),
                                   .last_failure = to_time(row.integer(8)),
                                   .noted = to_time(row.integer(9))});
      });
  then(
      "SELECT id, name, kind, hash, prefix, COALESCE(allow, iif(allow_raw, 'all', '')), disabled,"
      " created, expires, limits FROM tokens ORDER BY created, id",
      [&](const Statement& row) {
        const std::optional<Digest> hash = as_digest(row.blob(3));
        if (!hash) return;  // damaged: it lets nobody in
        contents.tokens.push_back({.id = std::string(row.text(0)),
                                   .name = std::string(row.text(1)),
                                   .kind = std::string(row.text(2)),
                                   .hash = *hash,
                                   .prefix = std::string(row.text(4)),
                                   .allow = std::string(row.text(5)),
                                   .disabled = row.integer(6) != 0,
                                   .created = to_time(row.integer(7)),
                                   .expires = to_time(row.integer(8)),
                                   .limits = std::string(row.text(9))});
      });
  then(
      "SELECT token_id, name, credential_id, mime_type, created, expires FROM resources"
      " ORDER BY created, name",
      [&](const Statement& row) {
        const Time expires = to_time(row.integer(5));
        if (expires <= now) return;
        contents.resources.push_back({.name = std::string(row.text(1)),
                                      .token_id = std::string(row.text(0)),
                                      .credential_id = std::string(row.text(2)),
                                      .mime_type = std::string(row.text(3)),
                                      .created = to_time(row.integer(4)),
                                      .expires = expires});
      });
  then("SELECT id, token_id, taken FROM node_names ORDER BY taken, id", [&](const Statement& row) {
    contents.node_names.push_back({.id = std::string(row.text(0)),
                                   .token_id = std::string(row.text(1)),
                                   .taken = to_time(row.integer(2))});
  });
  then("SELECT id, key FROM token_keys ORDER BY id", [&](const Statement& row) {
    const std::string place = seal_place("token_keys", row.text(0), "key");
    if (auto key = keys.seal.open(row.blob(1), place))
      contents.token_keys.push_back(std::move(*key));
  });
  then("SELECT key, value, sealed FROM settings", [&](const Statement& row) {
    std::string key(row.text(0));
    if (!row.is_null(1)) {
      contents.settings.emplace(std::move(key), Secret(row.text(1)));
    } else if (auto value = keys.seal.open(row.blob(2), seal_place("settings", key, "sealed"))) {
      contents.settings.emplace(std::move(key), std::move(*value));
    }
  });
  then("SELECT password_hash FROM admin",
       [&](const Statement& row) { contents.admin_password_hash = row.text(0); });
  then("SELECT alias, model FROM model_aliases",
       [&](const Statement& row) { contents.model_aliases.emplace(row.text(0), row.text(1)); });
  then("SELECT id, hash, created, last_used, address, user_agent FROM sessions ORDER BY created",
       [&](const Statement& row) {
         const std::optional<Digest> hash = as_digest(row.blob(1));
         if (!hash) return;
         contents.sessions.push_back({.id = std::string(row.text(0)),
                                      .hash = *hash,
                                      .created = to_time(row.integer(2)),
                                      .last_used = to_time(row.integer(3)),
                                      .address = std::string(row.text(4)),
                                      .user_agent = std::string(row.text(5))});
       });
  const Result<> ended = database.execute("ROLLBACK");
  if (!done) return std::unexpected(done.error());
  if (!ended) return std::unexpected(ended.error());
  return contents;
}

Result<std::vector<AuditEntry>> read_audit_entries(Database& database, std::int64_t before,
                                                   std::size_t limit) {
  Result<Statement> rows = database.prepare(
      "SELECT number, time, session_id, address, action, target, outcome FROM audit"
      " WHERE number < ? ORDER BY number DESC LIMIT ?");
  if (!rows) return std::unexpected(std::move(rows.error()));
  rows->bind(before > 0 ? before : std::numeric_limits<std::int64_t>::max(),
             static_cast<std::int64_t>(limit));
  std::vector<AuditEntry> entries;
  for (;;) {
    const Result<bool> row = rows->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return entries;
    entries.push_back({.number = rows->integer(0),
                       .time = to_time(rows->integer(1)),
                       .session_id = std::string(rows->text(2)),
                       .address = std::string(rows->text(3)),
                       .action = std::string(rows->text(4)),
                       .target = std::string(rows->text(5)),
                       .outcome = std::string(rows->text(6))});
  }
}

std::string_view memo_kind_name(Memo::Kind kind) {
  return kind == Memo::Kind::kResponse ? "response" : "signature";
}

std::string memo_place(std::string_view token_id, std::string_view kind, std::string_view key) {
  std::string id(token_id);
  id.append("/").append(kind).append("/").append(key);
  return seal_place("memos", id, "value");
}

Result<std::vector<Memo>> read_memos(Database& database, const Keys& keys,
                                     std::uint64_t most_bytes) {
  Result<Statement> rows = database.prepare(
      "SELECT token_id, kind, key, value, created FROM memos ORDER BY number DESC");
  if (!rows) return std::unexpected(std::move(rows.error()));
  std::vector<Memo> memos;
  for (std::uint64_t held = 0;;) {
    const Result<bool> row = rows->step();
    if (!row) return std::unexpected(row.error());
    if (!*row) return memos;
    const Result<Secret> value =
        keys.seal.open(rows->blob(3), memo_place(rows->text(0), rows->text(1), rows->text(2)));
    if (!value) continue;
    held += value->reveal().size();
    if (held > most_bytes) return memos;
    memos.push_back({.token_id = std::string(rows->text(0)),
                     .kind = rows->text(1) == memo_kind_name(Memo::Kind::kResponse)
                                 ? Memo::Kind::kResponse
                                 : Memo::Kind::kSignature,
                     .key = std::string(rows->text(2)),
                     .value = std::string(value->reveal()),
                     .created = to_time(rows->integer(4))});
  }
}

Result<> prove_master_key(Database& database, const Keys& keys) {
  const std::string place = seal_place("master_keys", std::to_string(kKeyVersion), "proof");
  if (Result<> first =
          database.run("INSERT OR IGNORE INTO master_keys (version, proof) VALUES (?, ?)",
                       std::int64_t{kKeyVersion}, Blob{keys.seal.seal(kProof, place)});
      !first) {
    return first;
  }
  bool proven = false;
  Result<> read = each_row(
      database, "SELECT proof FROM master_keys WHERE version = " + std::to_string(kKeyVersion),
      [&](const Statement& row) { proven = keys.seal.open(row.blob(0), place).has_value(); });
  if (!read || proven) return read;
  return fail(internal_error(
      "the database was sealed with another master key. Set API_KEY_ENCRYPTION_KEY to the value "
      "it was made with, or, if it was made without one, unset it and restore the key file "
      "(master.key) from your backup. To start afresh, move the database away"));
}

}  // namespace wasat::store
