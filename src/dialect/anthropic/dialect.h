// Anthropic's Messages API on top of Gemini.
//
// Immutable and shared by all workers.

#pragma once

#include <memory>

#include "dialect/dialect.h"

namespace wasat::dialect::anthropic {

// Paths (without mount prefix):
// POST /messages, POST /messages/count_tokens, GET /models, GET /models/{id}.
std::unique_ptr<Dialect> make_anthropic();

}  // namespace wasat::dialect::anthropic
