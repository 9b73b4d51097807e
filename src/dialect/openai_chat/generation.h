// Sampling, limits, output format, modalities and thinking, from the fields of a
// chat completion request.

#pragma once

#include "base/result.h"
#include "dialect/conversation/generation.h"
#include "dialect/fields.h"

namespace wasat::dialect::openai_chat {

// `show_thoughts`: whether the operator wants them shown; `hide` tells whether the client
// wants them hidden. Wrong types stay in root.problem().
Result<Generation> read_generation(Fields& root, bool show_thoughts, bool& hide);

}  // namespace wasat::dialect::openai_chat
