#include "dialect/conversation/usage.h"

namespace wasat::dialect {

void read_usage(json::Value metadata, gemini::Usage& usage) {
  const auto take = [](json::Value value, std::int64_t& count) {
    if (const auto number = value.integer(); number && *number >= 0) count = *number;
  };
  for (const json::Value member : metadata) {
    const std::string_view name = member.raw_key();
    if (name == "\"promptTokenCount\"") {
      take(member, usage.prompt);
    } else if (name == "\"candidatesTokenCount\"") {
      take(member, usage.candidates);
    } else if (name == "\"thoughtsTokenCount\"") {
      take(member, usage.thoughts);
    } else if (name == "\"toolUsePromptTokenCount\"") {
      take(member, usage.tool_prompt);
    } else if (name == "\"cachedContentTokenCount\"") {
      take(member, usage.cached);
    } else if (name == "\"totalTokenCount\"") {
      take(member, usage.total);
    }
  }
}

CountedTokens counted(const gemini::Usage& usage) {
  const std::int64_t input = usage.prompt + usage.tool_prompt;
  // Some models count the thoughts among the candidates' tokens already.
  const bool included = usage.thoughts > 0 && usage.total == input + usage.candidates;
  return {.input = input,
          .output = usage.candidates + (included ? 0 : usage.thoughts),
          .cached = usage.cached,
          .thoughts = usage.thoughts};
}

}  // namespace wasat::dialect
