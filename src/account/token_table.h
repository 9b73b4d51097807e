// Tokens that clients and relay nodes present, and the table that knows them by their hash.
//
// The table is immutable: composition builds one at start and at every change,
// and publishes it through a Snapshot. Any thread may look up.

#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "account/allowed.h"
#include "account/limits.h"
#include "account/token_kind.h"
#include "base/clock.h"
#include "base/crypto.h"
#include "base/result.h"
#include "base/secret.h"
#include "store/records.h"

namespace wasat::account {

struct Token {
  std::string id;
  std::string name;
  TokenKind kind = TokenKind::kUnknown;
  std::string prefix;                    // for people: "wst-Xy12..."
  Allowed allowed;                       // of files, operations and the like
  store::Time expires;                   // the epoch: never
  std::shared_ptr<const Limits> limits;  // null: none
  // What is wrong with what the store says of it: it may do nothing.
  std::string trouble;

  // Errors: kUnauthenticated when it has expired, kPermissionDenied for its trouble.
  Result<> check(const Clock& clock) const;
};

class TokenTable {
 public:
  // Those of the store that are not disabled, and those that the environment
  // gives to clients (with `environment_allowed`, and each with `environment_limits`) and to
  // relay nodes (`environment_relay`). `key` is Keys::tokens and outlives the table.
  // `other_keys`: of machines whose tokens were imported; they are tried after it, so that
  // tokens of here cost no more for them.
  TokenTable(std::span<const store::Token> stored, std::span<const Secret> environment,
             Allowed environment_allowed, const HmacKey& key, const Limits& environment_limits = {},
             std::span<const Secret> other_keys = {},
             std::span<const Secret> environment_relay = {});

  // The token that was presented, or nothing; of which kind it is, whoever asks must look.
  // Only keyed hashes are compared, so the time taken tells nothing that a guesser could use.
  std::shared_ptr<const Token> find(std::string_view presented) const;

  // The token with this id, or nothing. For what we signed ourselves: it looks at all of them.
  std::shared_ptr<const Token> find_id(std::string_view id) const;

  std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    Digest hash;
    std::shared_ptr<const Token> token;
  };
  void add(const Digest& hash, Token token);
  const std::shared_ptr<const Token>* find_hash(const Digest& hash) const;

  const HmacKey& key_;
  std::vector<HmacKey> other_keys_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> slots_;  // index into entries_ + 1; 0: free
};

// A token of the environment, and its row as if it were stored. `number`: its place in the list.
store::Token environment_token(const Secret& text, TokenKind kind, std::size_t number,
                               const HmacKey& key);

// A new token and the row to store for it.
struct NewToken {
  Secret text;  // shown once
  store::Token row;
};
NewToken make_token(std::string id, std::string name, Allowed allowed, const HmacKey& key,
                    store::Time now, TokenKind kind = TokenKind::kClient);

}  // namespace wasat::account
