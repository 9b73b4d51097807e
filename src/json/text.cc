#include "json/text.h"

#include <cstdint>
#include <cstring>

namespace wasat::json {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// -1 if `c` is no hexadecimal digit.
constexpr int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

// The four digits at `at`, or -1.
constexpr int hex_unit(std::string_view text, std::size_t at) {
  if (text.size() < at + 4) return -1;
  int unit = 0;
  for (std::size_t i = at; i < at + 4; ++i) {
    const int digit = hex_digit(text[i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

constexpr char simple_escape(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case 'b':
      return '\b';
    case 'f':
      return '\f';
    case 'n':
      return '\n';
    case 'r':
      return '\r';
    case 't':
      return '\t';
    default:
      return 0;
  }
}

char* append_code_point(char* out, std::uint32_t c) {
  const auto put = [&out](std::uint32_t byte) { *out++ = static_cast<char>(byte); };
  if (c < 0x80) {
    put(c);
  } else if (c < 0x800) {
    put(0xC0 | c >> 6);
    put(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    put(0xE0 | c >> 12);
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  } else {
    put(0xF0 | c >> 18);
    put(0x80 | (c >> 12 & 0x3F));
    put(0x80 | (c >> 6 & 0x3F));
    put(0x80 | (c & 0x3F));
  }
  return out;
}

}  // namespace

bool is_number(std::string_view token) {
  const char* p = token.data();
  const char* const end = p + token.size();
  if (p != end && *p == '-') ++p;
  if (p == end || !is_digit(*p)) return false;
  if (*p++ != '0') {
    while (p != end && is_digit(*p)) ++p;
  }
  if (p != end && *p == '.') {
    ++p;
    if (p == end || !is_digit(*p)) return false;
    while (p != end && is_digit(*p)) ++p;
  }
  if (p != end && (*p == 'e' || *p == 'E')) {
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    if (p == end || !is_digit(*p)) return false;
    while (p != end && is_digit(*p)) ++p;
  }
  return p == end;
}

bool escapes_are_valid(std::string_view escaped, std::size_t first) {
  for (std::size_t at = first; at < escaped.size();) {
    if (at + 1 >= escaped.size()) return false;
    if (escaped[at + 1] == 'u') {
      if (hex_unit(escaped, at + 2) < 0) return false;
      at += 6;
    } else {
      if (simple_escape(escaped[at + 1]) == 0) return false;
      at += 2;
    }
    if (at >= escaped.size()) return true;
    const void* next = std::memchr(escaped.data() + at, '\\', escaped.size() - at);
    if (next == nullptr) return true;
    at = static_cast<std::size_t>(static_cast<const char*>(next) - escaped.data());
  }
  return true;
}

std::size_t unescape(std::string_view escaped, char* out) {
  char* const begin = out;
  std::size_t at = 0;
  while (at < escaped.size()) {
    const void* next = std::memchr(escaped.data() + at, '\\', escaped.size() - at);
    const std::size_t run =
        next == nullptr
            ? escaped.size() - at
            : static_cast<std::size_t>(static_cast<const char*>(next) - escaped.data()) - at;
    std::memcpy(out, escaped.data() + at, run);
    out += run;
    at += run;
    if (at + 1 >= escaped.size()) break;
    if (escaped[at + 1] != 'u') {
      *out++ = simple_escape(escaped[at + 1]);
      at += 2;
      continue;
    }
    auto code = static_cast<std::uint32_t>(hex_unit(escaped, at + 2));
    at += 6;
    if (code >= 0xD800 && code < 0xDC00 && at + 6 <= escaped.size() && escaped[at] == '\\' &&
        escaped[at + 1] == 'u') {
      const auto low = static_cast<std::uint32_t>(hex_unit(escaped, at + 2));
      if (low >= 0xDC00 && low < 0xE000) {
        code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
        at += 6;
      }
    }
    if (code >= 0xD800 && code < 0xE000) code = 0xFFFD;
    out = append_code_point(out, code);
  }
  return static_cast<std::size_t>(out - begin);
}

std::size_t utf8_length(std::string_view text) {
  const auto byte = [&text](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  if (text.empty()) return 0;
  const unsigned lead = byte(0);
  if (lead < 0x80) return 1;
  if (lead < 0xC2 || lead > 0xF4 || !continues(1)) return 0;
  if (lead < 0xE0) return 2;
  if (lead == 0xE0 && byte(1) < 0xA0) return 0;  // overlong
  if (lead == 0xED && byte(1) > 0x9F) return 0;  // surrogates
  if (lead == 0xF0 && byte(1) < 0x90) return 0;  // overlong
  if (lead == 0xF4 && byte(1) > 0x8F) return 0;  // above U+10FFFF
  if (!continues(2)) return 0;
  if (lead < 0xF0) return 3;
  return continues(3) ? 4 : 0;
}

}  // namespace wasat::json
