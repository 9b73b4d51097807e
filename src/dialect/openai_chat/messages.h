// The messages of a chat completion request, said to a Conversation.

#pragma once

#include "base/result.h"
#include "dialect/conversation/conversation.h"
#include "dialect/conversation/source.h"
#include "dialect/fields.h"

namespace wasat::dialect::openai_chat {

// Views in `conversation` point into `source`. Errors name the field that is wrong.
Result<> read_messages(Fields& root, Source& source, Conversation& conversation);

}  // namespace wasat::dialect::openai_chat
