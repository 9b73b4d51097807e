// A function call of Gemini's as OpenAI's tool call.

#pragma once

#include <string>
#include <string_view>

#include "dialect/conversation/given_call.h"

namespace wasat::dialect::openai_chat {

// Members of one element of tool_calls, without the braces.
void append_tool_call(std::string& out, const GivenCall& call);
// {"name":...,"arguments":...}
void append_function(std::string& out, const GivenCall& call);
// "extra_content":{"google":{"thought_signature":"..."}}
void append_signature(std::string& out, std::string_view escaped_signature);

}  // namespace wasat::dialect::openai_chat
