// How a message ends: "stop_reason", "stop_sequence" and, of a refusal, "stop_details".

#pragma once

#include <string>
#include <string_view>

#include "dialect/conversation/finish.h"

namespace wasat::dialect::anthropic {

// Members, without braces. `finish_reason`: Gemini's; `explanation`: its own words,
// escaped; may be empty.
void append_stop(std::string& out, EndReason reason, std::string_view finish_reason,
                 std::string_view explanation);

}  // namespace wasat::dialect::anthropic
