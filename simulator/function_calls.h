// Which functions the simulated model calls, and with what.

#pragma once

#include <string>
#include <vector>

#include "simulator/from_schema.h"
#include "simulator/prompt.h"

namespace wasat::simulator {

struct FunctionCall {
  std::string_view name;
  std::string args;  // compact JSON object
};

// Empty: the model answers in words. A function is called when the prompt names
// it or a word of its name, or when the mode is ANY; several are called when the
// prompt names several, and one is called several times when the prompt has
// several proper names ("the weather in Paris and London").
std::vector<FunctionCall> choose_calls(const Prompt& prompt, std::uint64_t seed);

}  // namespace wasat::simulator
