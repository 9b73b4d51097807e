// Writing a conversation as Gemini's systemInstruction and contents.

#pragma once

#include <string>
#include <string_view>
#include <vector>

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
  // Further words for the system instruction, escaped (spoken_format()); empty: none. Copied.
  std::string_view spoken;
  // Opens carriers of signatures; empty: those of any model.
  std::string_view upstream_model;
};

// Appends "systemInstruction" (if there is one) and "contents". Errors name the
// part that cannot be carried (a URL that could not be fetched).
// `findings.without_signatures`: no sent or stored signature is used, only the bypass.
Result<> write_conversation(json::Writer& writer, const Conversation& conversation,
                            const ContentsContext& context);

// File resources ("files/abc") that the conversation names: Call::resources.
void add_resources(const Conversation& conversation, std::vector<std::string>& resources);

}  // namespace wasat::dialect
