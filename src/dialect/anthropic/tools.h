// Anthropic's tools and tool_choice as a ToolPlan.

#pragma once

#include <deque>
#include <memory>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/anthropic/request.h"
#include "dialect/conversation/tool_names.h"
#include "dialect/conversation/tools.h"
#include "json/reader.h"

namespace wasat::dialect::anthropic {

// What a request offers. Immutable once it is read; the plan points into it and
// into the request's document.
struct Offer {
  std::shared_ptr<ToolNames> names;  // nullptr: there are no tools
  ToolPlan plan;
  // Schemas of tools whose type is all that the client sends.
  std::deque<json::Document> documents;
  std::deque<std::shared_ptr<const Buffer>> texts;
};

// `known`: tools that the conversation names; deferred ones are offered only then, or
// when Anthropic's own tool search was to find them.
Result<> read_tools(const MessagesRequest& request, const std::vector<std::string_view>& known,
                    Offer& offer);

}  // namespace wasat::dialect::anthropic
