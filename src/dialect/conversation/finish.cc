#include "dialect/conversation/finish.h"

#include <algorithm>
#include <array>
#include <string>

namespace wasat::dialect {
namespace {

enum class Meaning : std::uint8_t {
  kStop,      // the model said all it wanted
  kLength,    // it was cut
  kFiltered,  // a policy stopped it
  kNoImage,   // it was to draw and did not
  kBroken,    // it lost its way; trying again helps
};

struct Row {
  std::string_view gemini;
  Meaning meaning;
};

// Candidate.FinishReason. What is not here counts as kStop.
constexpr std::array kRows = {
    Row{"STOP", Meaning::kStop},
    Row{"MAX_TOKENS", Meaning::kLength},
    Row{"CONTINUATION", Meaning::kLength},
    Row{"SAFETY", Meaning::kFiltered},
    Row{"RECITATION", Meaning::kFiltered},
    Row{"LANGUAGE", Meaning::kFiltered},
    Row{"BLOCKLIST", Meaning::kFiltered},
    Row{"PROHIBITED_CONTENT", Meaning::kFiltered},
    Row{"SPII", Meaning::kFiltered},
    Row{"MODEL_ARMOR", Meaning::kFiltered},
    Row{"IMAGE_SAFETY", Meaning::kFiltered},
    Row{"IMAGE_PROHIBITED_CONTENT", Meaning::kFiltered},
    Row{"IMAGE_RECITATION", Meaning::kFiltered},
    Row{"IMAGE_OTHER", Meaning::kFiltered},
    Row{"NO_IMAGE", Meaning::kNoImage},
    Row{"OTHER", Meaning::kBroken},
    Row{"MALFORMED_FUNCTION_CALL", Meaning::kBroken},
    Row{"MALFORMED_RESPONSE", Meaning::kBroken},
    Row{"UNEXPECTED_TOOL_CALL", Meaning::kBroken},
    Row{"TOO_MANY_TOOL_CALLS", Meaning::kBroken},
    Row{"MISSING_THOUGHT_SIGNATURE", Meaning::kBroken},
};

Meaning meaning_of(std::string_view finish_reason) {
  const auto row = std::ranges::find(kRows, finish_reason, &Row::gemini);
  return row == kRows.end() ? Meaning::kStop : row->meaning;
}

Ending finished(EndReason reason) { return {.reason = reason}; }

Ending empty_answer(std::string_view finish_reason) {
  return {.kind = Ending::Kind::kFailed,
          .error = upstream_error(ErrorKind::kEmptyAnswer, Retry::kNextCredential,
                                  "The model answered with nothing (finish reason " +
                                      std::string(finish_reason) + ").")};
}

}  // namespace

bool is_malformed(std::string_view finish_reason) {
  return finish_reason.starts_with("MALFORMED_") || finish_reason == "UNEXPECTED_TOOL_CALL";
}

Ending judge_ending(std::string_view finish_reason, Given given, bool streamed) {
  constexpr std::string_view kBlocked = "BLOCKED:";
  if (finish_reason.starts_with(kBlocked)) {
    if (streamed) return finished(EndReason::kFiltered);
    return {.kind = Ending::Kind::kFailed,
            .error = upstream_error(ErrorKind::kContentBlocked, Retry::kNever,
                                    "The prompt was blocked by Gemini's policy (" +
                                        std::string(finish_reason.substr(kBlocked.size())) + ").")};
  }
  switch (meaning_of(finish_reason)) {
    case Meaning::kFiltered:
      return finished(EndReason::kFiltered);
    case Meaning::kLength:
      // Calls arrive whole: what was given can be carried out.
      return finished(given.calls ? EndReason::kToolCalls : EndReason::kLength);
    case Meaning::kStop:
      if (given.calls) return finished(EndReason::kToolCalls);
      return given.text ? finished(EndReason::kStop) : empty_answer(finish_reason);
    case Meaning::kNoImage:
      if (given.text) return finished(EndReason::kStop);
      return {.kind = Ending::Kind::kExplained, .reason = EndReason::kStop};
    case Meaning::kBroken:
      break;
  }
  if (given.calls) return finished(EndReason::kToolCalls);
  if (streamed && given.text) return {.kind = Ending::Kind::kExplained, .reason = EndReason::kStop};
  if (given.text && finish_reason == "OTHER") return finished(EndReason::kStop);
  return {.kind = Ending::Kind::kFailed,
          .error = upstream_error(ErrorKind::kUpstreamFailed, Retry::kSameCredential,
                                  "The model broke off its answer (finish reason " +
                                      std::string(finish_reason) + "). Trying again may help.")};
}

}  // namespace wasat::dialect
