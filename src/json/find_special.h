// find_special: the next byte that ends a stretch of plain characters in a JSON string.

#pragma once

#include <bit>
#include <cstdint>
#include <cstring>

namespace wasat::json {

constexpr bool is_special(char c) {
  return c == '"' || c == '\\' || static_cast<unsigned char>(c) < 0x20;
}

// The first quote, backslash or control character in [at, end), or `end`.
inline const char* find_special(const char* at, const char* end) {
  static_assert(std::endian::native == std::endian::little);
  // Compiled to the SIMD instructions of any machine.
  using Block = unsigned char __attribute__((vector_size(16)));
  constexpr std::ptrdiff_t kBlock = sizeof(Block);
  const auto specials = [](const char* from) {
    Block block;
    std::memcpy(&block, from, sizeof block);
    return (block == '"') | (block == '\\') | (block < 0x20);
  };
  const auto where = [](auto found) -> int {
    std::uint64_t halves[2];
    std::memcpy(halves, &found, sizeof halves);
    if (halves[0] != 0) return std::countr_zero(halves[0]) / 8;
    return halves[1] != 0 ? 8 + std::countr_zero(halves[1]) / 8 : -1;
  };
  while (end - at >= kBlock) {
    if (end - at >= 5 * kBlock) {
      // Four at once, until there is something in one of them.
      const auto found = specials(at) | specials(at + kBlock) | specials(at + 2 * kBlock) |
                         specials(at + 3 * kBlock);
      if (where(found) < 0) {
        at += 4 * kBlock;
        continue;
      }
    }
    const int place = where(specials(at));
    if (place >= 0) return at + place;
    at += kBlock;
  }
  while (at != end && !is_special(*at)) ++at;
  return at;
}

}  // namespace wasat::json
