#include "json/text.h"

#include <cstdint>
#include <cstring>

#include "base/percent.h"
#include "json/escape.h"

namespace wasat::json {
namespace {

constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// -1 if `c` is no hexadecimal digit.
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

// Where the next backslash stands, or the size.
std::size_t next_backslash(std::string_view text, std::size_t from) {
  if (from >= text.size()) return text.size();
  const void* found = std::memchr(text.data() + from, '\\', text.size() - from);
  return found == nullptr ? text.size()
                          : static_cast<std::size_t>(static_cast<const char*>(found) - text.data());
}

// Of the \u escape at `at`: 12 for a surrogate pair, 6 for any other character,
// 0 for half a pair.
std::size_t code_point_length(std::string_view text, std::size_t at) {
  const int unit = hex_unit(text, at + 2);
  if (unit < 0xD800 || unit >= 0xE000) return 6;
  if (unit >= 0xDC00 || at + 12 > text.size() || text[at + 6] != '\\' || text[at + 7] != 'u') {
    return 0;
  }
  const int low = hex_unit(text, at + 8);
  return low >= 0xDC00 && low < 0xE000 ? 12 : 0;
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

Escapes check_escapes(std::string_view escaped, std::size_t first) {
  Escapes result = Escapes::kValid;
  for (std::size_t at = first; at < escaped.size(); at = next_backslash(escaped, at)) {
    if (at + 1 >= escaped.size()) return Escapes::kInvalid;
    if (escaped[at + 1] != 'u') {
      if (simple_escape(escaped[at + 1]) == 0) return Escapes::kInvalid;
      at += 2;
      continue;
    }
    if (hex_unit(escaped, at + 2) < 0) return Escapes::kInvalid;
    const std::size_t length = code_point_length(escaped, at);
    if (length == 0) result = Escapes::kLoneSurrogate;
    at += length == 0 ? 6 : length;
  }
  return result;
}

void replace_lone_surrogates(char* escaped, std::size_t size) {
  const std::string_view text(escaped, size);
  for (std::size_t at = next_backslash(text, 0); at < size; at = next_backslash(text, at)) {
    if (text[at + 1] != 'u') {
      at += 2;
      continue;
    }
    const std::size_t length = code_point_length(text, at);
    if (length == 0) std::memcpy(escaped + at, "\\ufffd", 6);
    at += length == 0 ? 6 : length;
  }
}

std::size_t unescape(std::string_view escaped, char* out) {
  char* const begin = out;
  for (std::size_t at = 0; at < escaped.size();) {
    const std::size_t backslash = next_backslash(escaped, at);
    std::memcpy(out, escaped.data() + at, backslash - at);
    out += backslash - at;
    at = backslash;
    if (at >= escaped.size()) break;
    if (escaped[at + 1] != 'u') {
      *out++ = simple_escape(escaped[at + 1]);
      at += 2;
      continue;
    }
    const std::size_t length = code_point_length(escaped, at);
    auto code = static_cast<std::uint32_t>(hex_unit(escaped, at + 2));
    if (length == 0) code = 0xFFFD;
    if (length == 12) {
      const auto low = static_cast<std::uint32_t>(hex_unit(escaped, at + 8));
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    out = put_utf8(out, code);
    at += length == 0 ? 6 : length;
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
