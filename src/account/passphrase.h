// A passphrase that somebody remembers, made into a key: argon2id.
//
// Pure functions. Stretching takes a tenth of a second and 64 MiB: never on a worker.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"
#include "base/secret.h"

namespace wasat::account {

inline constexpr std::size_t kShortestPassphrase = 8;    // bytes
inline constexpr std::size_t kLongestPassphrase = 1024;  // bytes

// How hard a guess is. A document carries it, so that it can be raised later.
struct Stretching {
  std::uint32_t kibibytes = 64 * 1024;  // RFC 9106's second choice
  std::uint32_t passes = 3;
  std::uint32_t lanes = 1;

  bool operator==(const Stretching&) const = default;
};

// 32 bytes from `passphrase` and `salt` (8 to 64 bytes). Error: kInvalidRequest, when the
// passphrase is too short or too long, or the work asked for is below or above what is
// reasonable: who sends a document must not make us fill the memory.
Result<Secret> stretch(const Secret& passphrase, std::string_view salt,
                       const Stretching& stretching);

}  // namespace wasat::account
