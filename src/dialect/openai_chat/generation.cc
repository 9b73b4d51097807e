#include "dialect/openai_chat/generation.h"

#include <algorithm>

#include "dialect/fields.h"
#include "dialect/schema.h"
#include "dialect/thinking.h"

namespace wasat::dialect::openai_chat {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

// Either spelling; the explicit one outranks what the OpenAI fields say.
json::Value either(json::Value object, std::string_view camel, std::string_view snake) {
  const json::Value value = object[camel];
  return value ? value : object[snake];
}

std::string lower(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return result;
}

Result<ThinkingWish> read_wish(const ReasoningWish& reasoning, bool show_thoughts) {
  ThinkingWish wish;
  if (show_thoughts) wish.include_thoughts = !reasoning.hide;
  if (const json::Value config = reasoning.google_config) {
    if (const auto include = either(config, "includeThoughts", "include_thoughts").boolean();
        include && show_thoughts) {
      wish.include_thoughts = include;
    }
    wish.budget = either(config, "thinkingBudget", "thinking_budget").integer();
    wish.effort = effort_of(lower(either(config, "thinkingLevel", "thinking_level").string_or("")));
    if (wish.budget || wish.effort) return wish;
  }
  if (!reasoning.effort.empty()) {
    // "auto" is what happens when nothing is said.
    wish.effort = effort_of(reasoning.effort);
    if (!wish.effort && reasoning.effort != "auto") {
      return fail(
          invalid("Invalid value for 'reasoning_effort'. Supported values are: 'none', "
                  "'minimal', 'low', 'medium', 'high', 'xhigh' and 'max'.",
                  "reasoning_effort"));
    }
  } else {
    wish.budget = reasoning.budget;
  }
  return wish;
}

void write_sampling(json::Writer& writer, const ChatRequest& request,
                    const gemini::ModelFamily& family) {
  if (request.temperature) writer.member("temperature", *request.temperature);
  if (request.top_p) writer.member("topP", *request.top_p);
  if (request.top_k) writer.member("topK", *request.top_k);
  if (request.max_tokens) {
    writer.member("maxOutputTokens", std::min<std::int64_t>(*request.max_tokens, INT32_MAX));
  }
  if (!request.stop.empty()) {
    writer.key("stopSequences").begin_array();
    for (const json::Value text : request.stop) writer.raw(text.raw());
    writer.end_array();
  }
  // OpenAI's seeds have 64 bits, Gemini's 32.
  if (request.seed) {
    writer.member("seed", static_cast<std::int64_t>(static_cast<std::int32_t>(*request.seed)));
  }
  // Models since the third generation refuse penalties.
  if (!family.third_generation) {
    if (request.presence_penalty) writer.member("presencePenalty", *request.presence_penalty);
    if (request.frequency_penalty) writer.member("frequencyPenalty", *request.frequency_penalty);
  }
  if (request.logprobs) {
    writer.member("responseLogprobs", true);
    if (request.top_logprobs) writer.member("logprobs", *request.top_logprobs);
  }
}

}  // namespace

Result<OutputFormat> read_output_format(const ChatRequest& request) {
  const json::Value format = request.response_format;
  if (!format) return {};
  const std::string_view type = format["type"].string_or("");
  if (type == "text") return {};
  if (type == "json_object") return OutputFormat{.json = true};
  if (type != "json_schema") {
    return fail(
        invalid("Invalid value for 'response_format.type'. Supported values are: 'text', "
                "'json_object' and 'json_schema'.",
                "response_format.type"));
  }
  const json::Value schema = format["json_schema"]["schema"];
  if (!schema || schema.is_null()) return OutputFormat{.json = true};
  if (!schema.is_object()) {
    return fail(wrong_type("response_format.json_schema.schema", "an object", schema));
  }
  return OutputFormat{.json = true, .schema = schema};
}

Result<> write_generation_config(json::Writer& writer, const ChatRequest& request,
                                 const gemini::ModelFamily& family,
                                 const GenerationOptions& options) {
  Result<ThinkingWish> wish = read_wish(request.reasoning, options.show_thoughts);
  if (!wish) return fail(wish.error());
  const json::Writer::Mark mark = writer.mark();
  writer.key("generationConfig").begin_object();
  write_sampling(writer, request, family);
  if (options.format.json) {
    writer.member("responseMimeType", "application/json");
    if (options.format.schema) {
      writer.key("responseJsonSchema");
      write_schema(writer, options.format.schema);
    }
  }
  if (request.image_output) {
    writer.key("responseModalities").begin_array().string("TEXT").string("IMAGE").end_array();
  }
  write_thinking_config(writer, family.thinking, *wish);
  if (writer.at_start()) {
    writer.roll_back(mark);
  } else {
    writer.end_object();
  }
  return {};
}

}  // namespace wasat::dialect::openai_chat
