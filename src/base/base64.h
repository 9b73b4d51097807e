// Base64 (RFC 4648), for media of many megabytes. Pure functions.

#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace wasat {

// Letters that `bytes` bytes take, padding included.
constexpr std::size_t base64_size(std::size_t bytes) { return (bytes + 2) / 3 * 4; }

// Appends the standard alphabet with padding: what can stand in JSON as it is.
void append_base64(std::string& out, std::string_view bytes);
std::string to_base64(std::string_view bytes);

// Takes both alphabets, with or without padding. nullopt: anything else, white space too.
std::optional<std::string> from_base64(std::string_view text);

}  // namespace wasat
