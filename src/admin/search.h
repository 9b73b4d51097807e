// The search of lists: whether a text has a part, whatever the case of its ASCII letters.

#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace wasat::admin {

constexpr char lowered(char c) {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

inline std::string lowered(std::string text) {
  std::ranges::transform(text, text.begin(), [](char c) { return lowered(c); });
  return text;
}

inline bool contains(std::string_view text, std::string_view lowered_part) {
  return lowered_part.empty() ||
         !std::ranges::search(text, lowered_part, {}, [](char c) { return lowered(c); }).empty();
}

}  // namespace wasat::admin
