// tools, tool_choice and web_search_options (or the legacy functions and
// function_call) as a plan for Gemini's tools.

#pragma once

#include "base/result.h"
#include "dialect/conversation/tool_names.h"
#include "dialect/fields.h"
#include "dialect/openai_chat/request.h"

namespace wasat::dialect::openai_chat {

// Fills request.tools and `names`, into which the plan points.
Result<> read_tools(Fields& root, ChatRequest& request, ToolNames& names);

}  // namespace wasat::dialect::openai_chat
