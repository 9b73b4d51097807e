// The tools of a Responses request.
//
// Functions and custom tools may stand in namespaces. Tools that OpenAI has
// trained its models on and that the client carries out (local_shell, shell,
// apply_patch) become functions, and calls to them come back as the items that the
// client expects. Tools that run at OpenAI become Gemini's own or are left out.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "base/result.h"
#include "dialect/conversation/tool_names.h"
#include "dialect/conversation/tools.h"
#include "json/reader.h"

namespace wasat::dialect::openai_responses {

enum class ClientTool : std::uint8_t { kNone, kLocalShell, kShell, kApplyPatch };

// "local_shell"
std::string_view name_of(ClientTool tool);
ClientTool client_tool(std::string_view name);

// Which of them a request offers.
class ClientTools {
 public:
  void add(ClientTool tool) { bits_ |= bit(tool); }
  bool has(ClientTool tool) const { return tool != ClientTool::kNone && (bits_ & bit(tool)) != 0; }

 private:
  static unsigned bit(ClientTool tool) { return 1u << static_cast<unsigned>(tool); }
  unsigned bits_ = 0;
};

struct OfferedTools {
  std::shared_ptr<ToolNames> names = std::make_shared<ToolNames>();
  ToolPlan plan;
  ClientTools client;
  bool image_generation = false;
  json::Value image_options;  // the tool itself: size, ...
};

// `tools`: an array or absent. Unknown kinds are left out. `found`: elements of
// tool_search_output in the input, which offer tools, too.
Result<OfferedTools> read_tools(json::Value tools, const std::vector<json::Value>& found,
                                json::Value choice);

}  // namespace wasat::dialect::openai_responses
