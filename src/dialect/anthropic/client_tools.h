// Tools whose schemas Anthropic keeps to itself: a client names the type alone,
// carries out the calls itself, and the model must be told what they take.

#pragma once

#include <string_view>

namespace wasat::dialect::anthropic {

struct ClientTool {
  std::string_view type_prefix;  // "bash_", of "bash_20250124"
  std::string_view description;
  std::string_view schema;  // JSON Schema
};

// platform.claude.com/docs/en/agents-and-tools/tool-use: bash, text_editor, memory,
// computer. nullptr: none of these.
const ClientTool* find_client_tool(std::string_view type);

}  // namespace wasat::dialect::anthropic
