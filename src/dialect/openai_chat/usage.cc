#include "dialect/openai_chat/usage.h"

#include "json/writer.h"

namespace wasat::dialect::openai_chat {

void append_usage(std::string& out, const gemini::Usage& usage) {
  const CountedTokens tokens = counted(usage);
  json::Writer writer(out);
  writer.begin_object();
  writer.member("prompt_tokens", tokens.input);
  writer.member("completion_tokens", tokens.output);
  writer.member("total_tokens", tokens.input + tokens.output);
  writer.key("prompt_tokens_details").begin_object();
  writer.member("cached_tokens", tokens.cached).end_object();
  writer.key("completion_tokens_details").begin_object();
  writer.member("reasoning_tokens", tokens.thoughts).end_object();
  writer.end_object();
}

}  // namespace wasat::dialect::openai_chat
