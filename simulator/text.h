// Text as the simulator sees it: tokens, words, pieces of a stream.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/random.h"

namespace wasat::simulator {

// About one token for four characters, at least one for text that is not empty.
int token_count(std::string_view text);

// The same text in pieces as a model streams it: a few words each, and never cut
// within a character.
std::vector<std::string_view> stream_pieces(std::string_view text, Random& random);

// The beginning of `text`, at most `limit` bytes, whole characters.
std::string_view beginning(std::string_view text, std::size_t limit);

std::string lower_case(std::string_view text);  // ASCII only

// Stable from build to build.
std::uint64_t hash(std::string_view bytes, std::uint64_t seed = 0);

// The words that begin with a capital in the middle of a sentence, and "quoted" ones.
std::vector<std::string> proper_names(std::string_view text);
std::vector<double> numbers_in(std::string_view text);

}  // namespace wasat::simulator
