// Hexadecimal digits, and what stands behind a percent sign in a URL.

#pragma once

#include <string>
#include <string_view>

namespace wasat {

// -1: it is none.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char lower = static_cast<char>(c | 0x20);
  return lower >= 'a' && lower <= 'f' ? lower - 'a' + 10 : -1;
}

// "a%20b" is "a b". A percent sign without two digits behind it stays.
std::string percent_decoded(std::string_view text);

}  // namespace wasat
