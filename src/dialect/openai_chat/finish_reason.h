// Why an answer ends, in OpenAI's words.

#pragma once

#include <string_view>

#include "dialect/conversation/finish.h"

namespace wasat::dialect::openai_chat {

// "stop", "length", "tool_calls" (with `legacy` "function_call"), "content_filter".
constexpr std::string_view finish_reason(EndReason reason, bool legacy) {
  switch (reason) {
    case EndReason::kStop:
      return "stop";
    case EndReason::kLength:
      return "length";
    case EndReason::kToolCalls:
      return legacy ? "function_call" : "tool_calls";
    case EndReason::kFiltered:
      break;
  }
  return "content_filter";
}

}  // namespace wasat::dialect::openai_chat
