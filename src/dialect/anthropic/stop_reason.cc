#include "dialect/anthropic/stop_reason.h"

#include "json/writer.h"

namespace wasat::dialect::anthropic {
namespace {

std::string_view name_of(EndReason reason) {
  switch (reason) {
    case EndReason::kStop:
      return "end_turn";  // Gemini does not say whether a stop sequence was met
    case EndReason::kLength:
      return "max_tokens";
    case EndReason::kToolCalls:
      return "tool_use";
    case EndReason::kFiltered:
      break;
  }
  return "refusal";
}

}  // namespace

void append_stop(std::string& out, EndReason reason, std::string_view finish_reason,
                 std::string_view explanation) {
  out += R"("stop_reason":")";
  out += name_of(reason);
  out += R"(","stop_sequence":null)";
  if (reason != EndReason::kFiltered) return;
  out += R"(,"stop_details":{"type":"refusal","category":null,"explanation":")";
  if (explanation.empty()) {
    out += "Gemini's policy stopped this answer (";
    json::append_escaped(out, finish_reason);
    out += ").";
  } else {
    out += explanation;
  }
  out += "\"}";
}

}  // namespace wasat::dialect::anthropic
