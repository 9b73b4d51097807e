// Numbers in as many bytes as they need: seven bits a byte, the lowest first. Part of the form
// of the ledger's file. Pure.

#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace wasat::store {

inline constexpr std::size_t kMostNumberBytes = 10;

// To where there is room for kMostNumberBytes; what follows it.
inline char* put(char* at, std::uint64_t value) {
  while (value >= 0x80) {
    *at++ = static_cast<char>(value | 0x80);
    value >>= 7;
  }
  *at++ = static_cast<char>(value);
  return at;
}

inline void put(std::string& out, std::uint64_t value) {
  std::array<char, kMostNumberBytes> bytes;
  out.append(bytes.data(), put(bytes.data(), value));
}

// False: it is no number, or it is cut off.
inline bool take(std::string_view& in, std::uint64_t& value) {
  if (!in.empty() && static_cast<unsigned char>(in.front()) < 0x80) {  // most are
    value = static_cast<unsigned char>(in.front());
    in.remove_prefix(1);
    return true;
  }
  value = 0;
  for (std::size_t i = 0; i < in.size() && i < kMostNumberBytes; ++i) {
    const auto byte = static_cast<unsigned char>(in[i]);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << (7 * i);
    if (byte < 0x80) {
      in.remove_prefix(i + 1);
      return true;
    }
  }
  return false;
}

// A text behind its size.
inline bool take(std::string_view& in, std::string_view& text) {
  std::uint64_t size = 0;
  if (!take(in, size) || size > in.size()) return false;
  text = in.substr(0, size);
  in.remove_prefix(size);
  return true;
}

}  // namespace wasat::store
