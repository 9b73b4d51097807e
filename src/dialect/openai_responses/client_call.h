// Calls to tools that OpenAI's clients know by a type of their own, as the items that
// those clients wait for.

#pragma once

#include <string>
#include <string_view>

#include "dialect/openai_responses/tools.h"

namespace wasat::dialect::openai_responses {

struct ClientCall {
  std::string_view id_prefix;  // of the item: "sh"
  std::string action;          // members that say what to do: "action":{...}
  std::string diff;            // of apply_patch, escaped
  std::string without_diff;    // the action with an empty diff
};

// `arguments`: an object, as the model wrote it.
ClientCall read_client_call(ClientTool tool, std::string_view arguments);

}  // namespace wasat::dialect::openai_responses
