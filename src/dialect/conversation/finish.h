// What the end of an answer means to the client.

#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace wasat::dialect {

// What the client has been given so far.
struct Given {
  bool text = false;  // text, an image, a result of executed code
  bool calls = false;
};

// Why the answer ends, in no vendor's words.
enum class EndReason : std::uint8_t { kStop, kLength, kToolCalls, kFiltered };

struct Ending {
  enum class Kind : std::uint8_t {
    kFinished,   // with `reason`
    kExplained,  // with `reason`, and the upstream's finishMessage as text
    kFailed,     // `error`
  };
  Kind kind = Kind::kFinished;
  EndReason reason = EndReason::kStop;
  Error error;
};

// `finish_reason`: Gemini's, or "BLOCKED:..." when the prompt was refused.
// `streamed`: what was given can no longer be taken back.
Ending judge_ending(std::string_view finish_reason, Given given, bool streamed);

// The model failed to write a call: parts that look like one must not be used.
bool is_malformed(std::string_view finish_reason);

}  // namespace wasat::dialect
