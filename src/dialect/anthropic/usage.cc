#include "dialect/anthropic/usage.h"

#include <algorithm>

#include "dialect/conversation/usage.h"

namespace wasat::dialect::anthropic {

void append_usage(std::string& out, const gemini::Usage& usage, ServerUse server) {
  const CountedTokens tokens = counted(usage);
  const std::int64_t cached = std::min(tokens.cached, tokens.input);
  out += R"({"input_tokens":)";
  out += std::to_string(tokens.input - cached);
  out += R"(,"cache_creation_input_tokens":0,"cache_read_input_tokens":)";
  out += std::to_string(cached);
  out += R"(,"output_tokens":)";
  out += std::to_string(tokens.output);
  if (tokens.thoughts > 0) {
    out += R"(,"output_tokens_details":{"thinking_tokens":)";
    out += std::to_string(tokens.thoughts);
    out += '}';
  }
  if (server.searches + server.fetches > 0) {
    out += R"(,"server_tool_use":{"web_search_requests":)";
    out += std::to_string(server.searches);
    out += R"(,"web_fetch_requests":)";
    out += std::to_string(server.fetches);
    out += '}';
  }
  out += R"(,"service_tier":"standard"})";
}

}  // namespace wasat::dialect::anthropic
