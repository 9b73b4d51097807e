// What the store keeps, and the changes that can be made to it: plain values.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/crypto.h"
#include "base/secret.h"

namespace wasat::store {

using Time = std::chrono::sys_time<std::chrono::milliseconds>;

inline Time to_time(std::chrono::system_clock::time_point wall) {
  return std::chrono::floor<std::chrono::milliseconds>(wall);
}

enum class CredentialState : std::uint8_t { kReady, kDisabled, kNeedsPerson };

struct Credential {
  std::string id;
  std::string provider;  // "api_key"
  std::string name;
  // Sealed at rest. Empty when it comes from the environment: then only what was
  // learnt about it is kept, and it is used as long as the environment has it.
  Secret secret;
  bool from_environment = false;
  CredentialState state = CredentialState::kReady;
  std::string reason;  // why it is not ready, and what to do
  Time created;
  Time updated;
  // How the operator wants it used.
  std::optional<int> tier;        // lower ones serve first; nullopt: its provider's place
  std::uint32_t weight = 1;       // of the load within its tier, against others
  std::uint32_t most_leases = 0;  // at a time; 0: any number
  Secret proxy;                   // a URL, sealed at rest; empty: as the settings say
  std::string note;               // the operator's own words
};

struct Cooldown {
  std::string credential_id;
  std::string scope;  // a model; empty: everything
  Time until;
  std::string why;
  bool half_open = false;  // behind it, one attempt at a time until one succeeds
};

// How a credential has fared. Without it, all begin alike after a restart.
struct CredentialHealth {
  std::string credential_id;
  double successes = 0;  // what the pool believes: not counts, they fade
  double failures = 0;
  std::uint32_t failures_in_a_row = 0;
  bool half_open = false;  // one attempt at a time, until one succeeds
  std::uint64_t attempts = 0;
  std::uint64_t succeeded = 0;
  Time last_success;  // the epoch: never
  Time last_failure;
  Time noted;
};

struct Token {
  std::string id;
  std::string name;
  std::string kind;    // "client", "relay": as account::TokenKind
  Digest hash;         // keyed: Keys::tokens
  std::string prefix;  // for people: the first characters and "..."
  std::string allow;   // as account::Allowed reads it; empty: what is safe for every client
  bool disabled = false;
  Time created;
  Time expires;        // the epoch: never
  std::string limits;  // JSON, as account::Limits reads it; empty: none
};

// Something of an upstream account that a token made, and the credential that owns it.
struct Resource {
  std::string name;      // "files/abc"
  std::string token_id;  // who made it, and alone may see it
  std::string credential_id;
  std::string mime_type;  // of files; may be empty
  Time created;
  Time expires;
};

// A relay node's name, and the token that it belongs to.
struct NodeName {
  std::string id;  // of its credential
  std::string token_id;
  Time taken;
};

// What a token's later requests may need of an earlier answer.
struct Memo {
  enum class Kind : std::uint8_t { kSignature, kResponse };
  std::string token_id;
  Kind kind = Kind::kSignature;
  std::string key;
  std::string value;  // sealed at rest: it may be a conversation
  Time created;
};

// An administrator's who has logged in.
struct Session {
  std::string id;  // says nothing about the token
  Digest hash;     // of its token; keyed: Keys::sessions
  Time created;
  Time last_used;
  std::string address;
  std::string user_agent;
};

// One thing that an administrator did, or tried to do.
struct AuditEntry {
  std::int64_t number = 0;  // given by the store; newer ones are larger
  Time time;
  std::string session_id;  // empty: nobody had logged in
  std::string address;
  std::string action;   // "credential.enable"
  std::string target;   // what it was done to; never a secret
  std::string outcome;  // "ok", or the error's code
};

struct Contents {
  std::vector<Credential> credentials;
  std::vector<Cooldown> cooldowns;  // those that are over are left out
  std::vector<CredentialHealth> health;
  std::vector<Token> tokens;
  std::vector<Secret> token_keys;          // of other machines, whose tokens were imported
  std::vector<Resource> resources;         // those that have expired are left out
  std::map<std::string, Secret> settings;  // key as in the table of settings; value as text
  std::string admin_password_hash;         // empty: none was set
  std::map<std::string, std::string> model_aliases;
  std::vector<Session> sessions;
  std::vector<NodeName> node_names;  // the oldest first
};

// Adds it, or replaces the one with the same id. A second credential with the
// same provider and secret is refused, by name.
struct PutCredential {
  Credential credential;
};
struct SetCredentialState {
  std::string id;
  CredentialState state;
  std::string reason;
  Time updated;
};
struct RemoveCredential {
  std::string id;
};
// Nothing happens when the credential is gone.
struct PutCooldown {
  Cooldown cooldown;
};
struct ClearCooldowns {
  std::string credential_id;
  std::optional<std::string> scope;  // nullopt: all of them
};
// Of several at once, since many change at a time. Those that are gone are left out.
struct PutCredentialHealth {
  std::vector<CredentialHealth> health;
};
struct PutToken {
  Token token;
};
struct RemoveToken {
  std::string id;
};
// A key that another machine hashed its tokens with: 32 bytes.
struct PutTokenKey {
  Secret key;
};
struct PutSetting {
  std::string key;
  Secret value;
  bool seal = false;  // secrets are sealed at rest
};
struct RemoveSetting {
  std::string key;
};
struct SetAdminPassword {
  std::string hash;  // argon2id, encoded
  Time updated;
};
struct PutModelAlias {
  std::string alias;
  std::string model;
};
struct RemoveModelAlias {
  std::string alias;
};
// Adds it, or replaces the one of the same token and name.
struct PutResource {
  Resource resource;
};
struct RemoveResource {
  std::string token_id;
  std::string name;
};
struct RemoveExpiredResources {
  Time now;
};
// Adds it, or replaces the one with the same id.
struct PutNodeName {
  NodeName name;
};
// All but the newest `keep`.
struct RemoveNodeNames {
  std::uint64_t keep = 0;
};
struct PutMemo {
  Memo memo;
};
// Memos from before `before`, and of the others the oldest, until `keep_bytes` are left.
struct RemoveMemos {
  Time before;
  std::uint64_t keep_bytes = 0;
};
// Adds it, or replaces the one with the same id.
struct PutSession {
  Session session;
};
struct RemoveSession {
  std::string id;
};
struct PutAuditEntry {
  AuditEntry entry;
};
struct RemoveAuditEntries {
  Time before;
};

using Change = std::variant<PutCredential, SetCredentialState, RemoveCredential, PutCooldown,
                            PutCredentialHealth, ClearCooldowns, PutToken, RemoveToken, PutSetting,
                            RemoveSetting, SetAdminPassword, PutModelAlias, RemoveModelAlias,
                            PutMemo, RemoveMemos, PutResource, RemoveResource,
                            RemoveExpiredResources, PutSession, RemoveSession, PutAuditEntry,
                            RemoveAuditEntries, PutTokenKey, PutNodeName, RemoveNodeNames>;

}  // namespace wasat::store
