// API keys as people paste them: one to a line or several with commas, semicolons or blanks
// between them, in quotes, in a JSON list, with comments and empty lines. Pure.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace wasat::admin {

struct PastedKey {
  std::size_t line = 1;
  std::string_view text;  // into what was pasted
  std::string problem;    // why it cannot be a key; empty: it can
};

// What is wrong with a key, or nothing. It is not asked whether Google knows it.
std::string key_problem(std::string_view key);

// At most `most` of them; the rest of a longer paste is left out, and `cut` says so.
std::vector<PastedKey> read_pasted_keys(std::string_view text, std::size_t most, bool& cut);

}  // namespace wasat::admin
