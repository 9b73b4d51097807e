// The smallest pieces of JSON's grammar. Private to this room.

#pragma once

#include <cstddef>
#include <string_view>

namespace wasat::json {

constexpr bool is_space(char c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Whether `token` is a number by RFC 8259. `-0`, `1e9` are; `01`, `+1`, `.5`, `1.` are not.
bool is_number(std::string_view token);

// Whether every backslash in `escaped` (which has one at `first`) starts an escape of RFC 8259.
bool escapes_are_valid(std::string_view escaped, std::size_t first);

// Writes the meaning of `escaped` (valid escapes only) to `out`, which has room for
// escaped.size() bytes; returns its length. Lone surrogates become U+FFFD.
std::size_t unescape(std::string_view escaped, char* out);

// Length of the UTF-8 sequence at the start of `text` (1 to 4), 0 if it is invalid.
std::size_t utf8_length(std::string_view text);

}  // namespace wasat::json
