// OpenAI's Responses API on top of Gemini.
//
// Immutable and shared by all workers.

#pragma once

#include <memory>

#include "dialect/dialect.h"

namespace wasat::dialect::openai_responses {

// Paths (without mount prefix):
// POST /responses, POST /responses/input_tokens, GET and DELETE /responses/{id}, GET
// /responses/{id}/input_items.
std::unique_ptr<Dialect> make_openai_responses();

}  // namespace wasat::dialect::openai_responses
