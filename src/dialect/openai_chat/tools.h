// Tools and tool_choice, read once and written as Gemini's tools and toolConfig.

#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "dialect/openai_chat/request.h"
#include "dialect/openai_chat/tool_names.h"
#include "gemini/model_table.h"
#include "json/writer.h"

namespace wasat::dialect::openai_chat {

struct ToolPlan {
  struct Function {
    json::Value value;  // {name, description, parameters} or a custom tool's
    bool custom = false;
  };
  enum class Mode : std::uint8_t { kAuto, kNone, kAny };

  std::vector<Function> functions;
  bool search = false;
  bool code_execution = false;
  bool url_context = false;
  Mode mode = Mode::kAuto;
  std::vector<std::string> allowed;  // with kAny, in the client's words; empty: all

  bool has_builtin() const { return search || code_execution || url_context; }
};

Result<ToolPlan> plan_tools(const ChatRequest& request, const ToolNames& names,
                            const gemini::ModelFamily& family);

// Appends the members "tools" and "toolConfig" where there is something to say.
void write_tools(json::Writer& writer, const ToolPlan& plan, const ToolNames& names);

}  // namespace wasat::dialect::openai_chat
