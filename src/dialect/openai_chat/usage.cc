#include "dialect/openai_chat/usage.h"

#include "json/writer.h"

namespace wasat::dialect::openai_chat {

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

void append_usage(std::string& out, const gemini::Usage& usage) {
  const std::int64_t prompt = usage.prompt + usage.tool_prompt;
  // Some models count the thoughts among the candidates' tokens already.
  const bool included = usage.thoughts > 0 && usage.total == prompt + usage.candidates;
  const std::int64_t completion = usage.candidates + (included ? 0 : usage.thoughts);
  json::Writer writer(out);
  writer.begin_object();
  writer.member("prompt_tokens", prompt);
  writer.member("completion_tokens", completion);
  writer.member("total_tokens", prompt + completion);
  writer.key("prompt_tokens_details").begin_object();
  writer.member("cached_tokens", usage.cached).end_object();
  writer.key("completion_tokens_details").begin_object();
  writer.member("reasoning_tokens", usage.thoughts).end_object();
  writer.end_object();
}

}  // namespace wasat::dialect::openai_chat
