// The two directions of a JSON string's escapes, a character at a time; whole strings are
// read by json::Value and written by json::Writer. Pure.

#pragma once

#include <cstdint>
#include <string>

namespace wasat::json {

// The escape of a quote, a backslash or a control character.
void append_escape(std::string& out, char c);

// The UTF-8 of a code point that is no surrogate, at most four bytes, for which there is room;
// returns its end.
char* put_utf8(char* out, std::uint32_t code_point);

}  // namespace wasat::json
