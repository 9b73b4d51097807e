// Token counts as OpenAI's usage.

#pragma once

#include <string>

#include "dialect/conversation/usage.h"

namespace wasat::dialect::openai_chat {

// {"prompt_tokens":...}; the sum is always the total.
void append_usage(std::string& out, const gemini::Usage& usage);

}  // namespace wasat::dialect::openai_chat
