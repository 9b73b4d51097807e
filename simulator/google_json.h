// The two ways in which Google's servers lay JSON out: unary answers over many
// lines, events on one line with spaces behind colons.

#pragma once

#include <string>
#include <string_view>

namespace wasat::simulator {

// `compact` is valid JSON without white space between tokens.
std::string pretty(std::string_view compact);    // ends with a newline
std::string one_line(std::string_view compact);  // {"a": 1,"b": [2]}

}  // namespace wasat::simulator
