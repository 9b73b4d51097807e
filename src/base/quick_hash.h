// A hash for tables in memory whose texts are ours: quick, and no secret. It may change at any
// time; whoever can choose the texts can make them collide. Pure.

#pragma once

#include <cstdint>
#include <cstring>
#include <string_view>

namespace wasat {

inline std::uint64_t quick_hash(std::string_view text) {
  constexpr std::uint64_t kOdd = 0x9e3779b97f4a7c15;
  std::uint64_t hash = text.size() * kOdd;
  const auto mix = [&hash](std::uint64_t word) {
    hash = (hash ^ word) * kOdd;
    hash ^= hash >> 32;
  };
  const auto word_at = [&text](std::size_t at) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, sizeof(word));
    return word;
  };
  if (text.size() < 8) {
    std::uint64_t word = 0;
    for (const char c : text) word = word << 8 | static_cast<unsigned char>(c);
    mix(word);
    return hash;
  }
  for (std::size_t at = 0; at + 8 < text.size(); at += 8) mix(word_at(at));
  mix(word_at(text.size() - 8));  // some of it a second time
  return hash;
}

// For unordered containers of strings that are asked with views.
struct QuickHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return quick_hash(text); }
};

}  // namespace wasat
