// Probabilities of tokens: Gemini's logprobsResult as OpenAI's logprobs.content.

#pragma once

#include <string>

#include "json/reader.h"

namespace wasat::dialect::openai_chat {

// Appends the elements for one candidate, separated from what is there by a comma.
void append_logprobs(std::string& out, json::Value logprobs_result);

}  // namespace wasat::dialect::openai_chat
