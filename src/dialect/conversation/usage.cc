#include "dialect/conversation/usage.h"

namespace wasat::dialect {
namespace {

// [{"modality":"TEXT","tokenCount":7},...]
std::int64_t tokens_of(json::Value details, std::string_view one, std::string_view other) {
  std::int64_t sum = 0;
  for (const json::Value each : details) {
    const std::string_view modality = each["modality"].string_or("");
    const std::int64_t count = each["tokenCount"].integer().value_or(0);
    if (count > 0 && (modality == one || modality == other)) sum += count;
  }
  return sum;
}

}  // namespace

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
    } else if (name == "\"promptTokensDetails\"") {
      usage.audio_prompt = tokens_of(member, "AUDIO", "AUDIO");
    } else if (name == "\"candidatesTokensDetails\"") {
      usage.media_candidates = tokens_of(member, "IMAGE", "AUDIO");
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
