// What an answer's form depends on beside Gemini's chunks. Made by the parsed
// request; stands alone, so that the request can be freed while its answer streams.

#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "dialect/dialect.h"
#include "dialect/openai_chat/tool_names.h"

namespace wasat::dialect::openai_chat {

struct AnswerShape {
  AnswerContext context;
  std::string model_label;  // as the client wrote it, JSON-escaped
  bool include_usage = false;
  bool show_thoughts = true;
  bool logprobs = false;
  bool annotations = false;  // the model may search
  bool legacy_functions = false;
  std::shared_ptr<const ToolNames> names;  // nullptr: all names are the client's own
};

}  // namespace wasat::dialect::openai_chat
