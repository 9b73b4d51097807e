// A function call of Gemini's as OpenAI's tool call.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dialect/openai_chat/answer_shape.h"
#include "json/reader.h"

namespace wasat::dialect::openai_chat {

struct ToolCall {
  std::string id;
  std::string name;            // in the client's words
  std::string arguments;       // escaped: what stands between the quotes
  std::string_view signature;  // escaped; empty: none
  bool custom = false;
};

// `number` counts the calls of this answer; an id that Gemini leaves out derives from it.
ToolCall read_tool_call(json::Value function_call, std::string_view signature,
                        const AnswerShape& shape, std::size_t number);

// Members of one element of tool_calls, without the braces.
void append_tool_call(std::string& out, const ToolCall& call);
// {"name":...,"arguments":...}
void append_function(std::string& out, const ToolCall& call);
// "extra_content":{"google":{"thought_signature":"..."}}
void append_signature(std::string& out, std::string_view escaped_signature);

// 24 letters and digits that depend on `seed` and `number` alone.
std::string derived_id(std::string_view seed, std::uint64_t number);

}  // namespace wasat::dialect::openai_chat
