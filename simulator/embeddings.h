// Vectors from text: the same text gives the same vector, and texts that share
// words lie closer together.

#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace wasat::simulator {

// Of length 1, with `dimensions` values.
std::vector<float> embedding(std::string_view text, std::size_t dimensions, std::uint64_t seed);

}  // namespace wasat::simulator
