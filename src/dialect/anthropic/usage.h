// usage of a message.

#pragma once

#include <cstdint>
#include <string>

#include "gemini/call.h"

namespace wasat::dialect::anthropic {

struct ServerUse {
  std::size_t searches = 0;
  std::size_t fetches = 0;
};

// An object. input_tokens leaves out what came from a cache, as Anthropic counts.
void append_usage(std::string& out, const gemini::Usage& usage, ServerUse server = {});

}  // namespace wasat::dialect::anthropic
