// The part of a response object that repeats the request.

#pragma once

#include <string>

#include "dialect/dialect.h"
#include "dialect/openai_responses/request.h"

namespace wasat::dialect::openai_responses {

// Appends members, without braces: "id", "object", "created_at", "model" and what
// the request said, or what counts when it said nothing.
void append_members(std::string& out, const ResponsesRequest& request, const AnswerContext& context,
                    bool stored);

}  // namespace wasat::dialect::openai_responses
