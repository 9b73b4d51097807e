// The smallest pieces of JSON's grammar. Private to this room.

#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace wasat::json {

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Whether `token` is a number by RFC 8259. `-0`, `1e9` are; `01`, `+1`, `.5`, `1.` are not.
bool is_number(std::string_view token);

// What the escapes of a string are like.
enum class Escapes : std::uint8_t {
  kNone,
  kValid,          // RFC 8259
  kLoneSurrogate,  // valid, but half a surrogate pair is among them
  kInvalid,
};

// Checks `escaped`, whose first backslash is at `first`.
Escapes check_escapes(std::string_view escaped, std::size_t first);

// Overwrites lone surrogates with "\ufffd", which is as long.
void replace_lone_surrogates(char* escaped, std::size_t size);

// Writes the meaning of `escaped` (valid escapes only) to `out`, which has room for
// escaped.size() bytes; returns its length. Lone surrogates become U+FFFD.
std::size_t unescape(std::string_view escaped, char* out);

// Length of the UTF-8 sequence at the start of `text` (1 to 4), 0 if it is invalid.
std::size_t utf8_length(std::string_view text);

}  // namespace wasat::json
