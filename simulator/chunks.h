// Answers as GenerateContentResponse objects: one, or the chunks of a stream.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "simulator/answer.h"

namespace wasat::simulator {

// Compact JSON. `answers` has one per candidate.
std::string unary_response(const Prompt& prompt, const std::vector<Answer>& answers,
                           std::string_view model, std::uint64_t seed);
// Usage is cumulative; every chunk speaks of one candidate.
std::vector<std::string> stream_responses(const Prompt& prompt, const std::vector<Answer>& answers,
                                          std::string_view model, std::uint64_t seed);

}  // namespace wasat::simulator
