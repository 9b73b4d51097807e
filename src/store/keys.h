// Keys: one independent key per purpose, all derived from the master key.
//
// Made once at start, shared and constant afterwards. Whoever has the database
// without the master key can read no upstream key and test no token.

#pragma once

#include <string>
#include <string_view>

#include "base/crypto.h"
#include "base/secret.h"

namespace wasat::store {

struct Keys {
  explicit Keys(const Secret& master);

  SealKey seal;          // upstream keys and secret settings at rest
  HmacKey fingerprints;  // of credentials, to find duplicates without opening them
  Secret token_key;      // what `tokens` is made from: it goes with exported tokens
  HmacKey tokens;        // of client tokens
  HmacKey sessions;      // of administrators' sessions
  SealKey uploads;       // addresses of uploads that have begun

  // Equal for equal provider and secret, and tells nothing about either.
  Digest fingerprint(std::string_view provider, const Secret& secret) const;
};

// The version in the sealing place. Rotation adds rows of the next version.
inline constexpr int kKeyVersion = 1;

// Where a sealed value belongs: "table|id|column|key-version".
std::string seal_place(std::string_view table, std::string_view id, std::string_view column);

}  // namespace wasat::store
