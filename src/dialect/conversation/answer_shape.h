// What an answer's form depends on beside Gemini's chunks. Made by the parsed
// request; stands alone, so that the request can be freed while its answer streams.

#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "dialect/conversation/tool_names.h"
#include "dialect/dialect.h"

namespace wasat::dialect {

struct AnswerShape {
  AnswerContext context;
  std::string model_label;  // as the client wrote it, JSON-escaped
  std::string upstream_model;
  std::string_view id_prefix = "call_";
  std::size_t max_id = 64;
  bool show_thoughts = true;
  bool logprobs = false;
  bool annotations = false;                // the model may search
  bool search_links = false;               // the pages behind the text are listed in it
  std::uint32_t choices = 1;               // answers to give, each of a call or a candidate
  std::shared_ptr<const ToolNames> names;  // nullptr: all names are the client's own
};

}  // namespace wasat::dialect
