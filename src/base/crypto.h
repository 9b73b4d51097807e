// The few cryptographic operations that Wasat needs, on OpenSSL.
//
// Keys are made once and used from any thread; all operations are const and
// keep no state between calls.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace wasat {

// A SHA-256 or HMAC-SHA-256 value.
using Digest = std::array<unsigned char, 32>;

std::string hex(std::string_view bytes);
inline std::string_view as_bytes(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}
// nullopt unless it has exactly 32 bytes.
std::optional<Digest> as_digest(std::string_view bytes);
// Takes the same time wherever they differ.
bool same_digest(const Digest& a, const Digest& b);

// HKDF-SHA-256 (RFC 5869): one independent 32-byte key per purpose.
Secret derive_key(const Secret& master, std::string_view purpose);

// HMAC-SHA-256 with its key already worked in: two or three compressions and no
// allocation per call, since a client's token is hashed for every request.
class HmacKey {
 public:
  explicit HmacKey(const Secret& key);
  HmacKey(HmacKey&&) noexcept;
  HmacKey& operator=(HmacKey&&) noexcept;
  ~HmacKey();

  Digest operator()(std::string_view message) const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

// AES-256-GCM. `place` says where the text belongs ("table|id|column|version");
// moved anywhere else, it does not open.
class SealKey {
 public:
  // `key` has 32 bytes.
  explicit SealKey(Secret key);

  // nonce (12 bytes, random) | ciphertext | tag (16 bytes)
  std::string seal(std::string_view text, std::string_view place) const;
  // Fails on another key, another place or changed bytes; it cannot be told which.
  Result<Secret> open(std::string_view sealed, std::string_view place) const;

 private:
  Secret key_;
};

}  // namespace wasat
