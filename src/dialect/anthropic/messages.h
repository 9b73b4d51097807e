// Anthropic's system prompt and messages as a Conversation.

#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/anthropic/request.h"
#include "dialect/conversation/conversation.h"
#include "dialect/conversation/source.h"

namespace wasat::dialect::anthropic {

// Says everything to `conversation` and arranges it. Adds to `tools` the names of those
// that a tool search found, or that were called: the deferred ones that are to be offered.
Result<> read_conversation(const MessagesRequest& request, Source& source,
                           Conversation& conversation, std::vector<std::string_view>& tools);

}  // namespace wasat::dialect::anthropic
