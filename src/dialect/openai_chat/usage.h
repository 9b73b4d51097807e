// Token counts: Gemini's usageMetadata as OpenAI's usage.

#pragma once

#include <string>

#include "gemini/call.h"
#include "json/reader.h"

namespace wasat::dialect::openai_chat {

// Counts that `metadata` leaves out keep their last value: streams repeat the
// cumulative ones, and their first chunks know only some.
void read_usage(json::Value metadata, gemini::Usage& usage);

// {"prompt_tokens":...}. What OpenAI counts as completion includes the thoughts,
// and the sum is always the total.
void append_usage(std::string& out, const gemini::Usage& usage);

}  // namespace wasat::dialect::openai_chat
