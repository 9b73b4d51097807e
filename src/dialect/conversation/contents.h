// Writing a conversation as Gemini's systemInstruction and contents.

#pragma once

#include <string_view>

#include "base/result.h"
#include "dialect/conversation/conversation.h"
#include "dialect/conversation/source.h"
#include "dialect/conversation/tool_names.h"
#include "dialect/dialect.h"
#include "gemini/model_table.h"
#include "json/writer.h"

namespace wasat::dialect {

struct ContentsContext {
  Source& source;
  const gemini::ModelFamily& family;
  const ToolNames& names;
  const Findings& findings;
  // Further words for the system instruction, escaped (an output format, say); empty: none.
  std::string_view spoken;
  // No stored or sent signature is used, only the bypass: the upstream refused one.
  bool without_signatures = false;
};

// Appends "systemInstruction" (if there is one) and "contents". Errors name the
// part that cannot be carried (a URL that could not be fetched).
Result<> write_conversation(json::Writer& writer, const Conversation& conversation,
                            const ContentsContext& context);

// File resources ("files/abc") that the conversation names: Call::resources.
void add_resources(const Conversation& conversation, std::vector<std::string>& resources);

}  // namespace wasat::dialect
