// Chance, in two kinds.
//
// Random: fast and repeatable from a seed, one per worker, for choices, jitter
// and identifiers that need not be secret. Not for secrets, not thread-safe.
// secure_*: from the operating system through OpenSSL, for keys and tokens; any thread.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "base/secret.h"

namespace wasat {

class Random {
 public:
  // The same seed gives the same sequence.
  explicit Random(std::uint64_t seed);
  static Random from_system();

  std::uint64_t next();
  // Evenly in [0, bound); bound > 0.
  std::uint64_t below(std::uint64_t bound);
  // Evenly in [0, 1).
  double unit();

  // Letters and digits, as in "chatcmpl-<id>".
  void fill_id(std::span<char> out);
  std::string id(std::size_t length = 24);

 private:
  std::array<std::uint64_t, 4> state_;
};

// Fills `out`; ends the process when the system has no randomness to give,
// since nothing that follows would be safe.
void secure_bytes(std::span<unsigned char> out);
// `prefix` and then `length` letters and digits (5.95 bits each).
Secret secure_text(std::size_t length, std::string_view prefix = {});

}  // namespace wasat
