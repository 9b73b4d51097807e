// OpenAI's chat completions (and list of models) on top of Gemini.
//
// Immutable and shared by all workers.

#pragma once

#include <memory>
#include <string>

#include "dialect/dialect.h"

namespace wasat::dialect::openai_chat {

// Paths (without mount prefix): POST /chat/completions, GET /models, GET /models/{id}.
std::unique_ptr<Dialect> make_openai_chat();

}  // namespace wasat::dialect::openai_chat
