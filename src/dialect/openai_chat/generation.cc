#include "dialect/openai_chat/generation.h"

#include <algorithm>
#include <string>

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

Result<> read_stop(Fields& root, Generation& generation) {
  const json::Value stop = root.any("stop");
  const auto add = [&generation](json::Value text) {
    if (!text.escaped().empty()) generation.stop.push_back(text.escaped());
  };
  if (!stop) return {};
  if (stop.is_string()) {
    add(stop);
    return {};
  }
  if (!stop.is_array()) return fail(wrong_type("stop", "a string or an array of strings", stop));
  for (const json::Value text : stop) {
    if (!text.is_string()) return fail(wrong_type("stop", "an array of strings", text));
    add(text);
  }
  return {};
}

void read_sampling(Fields& root, Generation& generation) {
  generation.temperature = root.number("temperature");
  generation.top_p = root.number("top_p");
  generation.top_k = root.integer("top_k");
  generation.presence_penalty = root.number("presence_penalty");
  generation.frequency_penalty = root.number("frequency_penalty");
  generation.seed = root.integer("seed");
  generation.max_tokens = root.integer("max_completion_tokens");
  if (!generation.max_tokens) {
    // The older limit is of what the client sees, the newer one of thoughts as well.
    generation.max_tokens = root.integer("max_tokens");
    generation.max_is_visible = true;
  }
  if (generation.max_tokens && *generation.max_tokens < 1) {
    root.wrong(invalid("Invalid 'max_tokens': it must be at least 1.", "max_tokens"));
  }
  generation.logprobs = root.boolean("logprobs").value_or(false);
  generation.top_logprobs = root.integer("top_logprobs");
}

void read_modalities(Fields& root, Generation& generation) {
  for (const json::Value modality : root.array("modalities")) {
    const std::string_view name = modality.string_or("");
    if (name == "image") {
      generation.image_output = true;
    } else if (name == "audio") {
      generation.audio_output = true;
    } else if (name != "text") {
      root.wrong(invalid(
          "Invalid value in 'modalities'. Supported values are: 'text', 'image' and 'audio'.",
          "modalities"));
    }
  }
}

// google.thinking_config. Whether it says how much to think.
bool read_google_config(json::Value config, bool show_thoughts, ThinkingWish& wish) {
  if (const auto include = either(config, "includeThoughts", "include_thoughts").boolean();
      include && show_thoughts) {
    wish.include_thoughts = include;
  }
  wish.budget = either(config, "thinkingBudget", "thinking_budget").integer();
  wish.effort = effort_of(lower(either(config, "thinkingLevel", "thinking_level").string_or("")));
  return wish.budget || wish.effort;
}

// Clients say the same thing in several ways: OpenAI's field, Google's extension
// (flat or within extra_body), OpenRouter's, Anthropic's and Qwen's.
Result<> read_thinking(Fields& root, bool show_thoughts, bool& hide, ThinkingWish& wish) {
  const json::Value reasoning = root.any("reasoning");
  const json::Value thinking = root.any("thinking");
  hide = reasoning["exclude"].boolean().value_or(false);
  if (show_thoughts) wish.include_thoughts = !hide;
  json::Value config = root.any("google")["thinking_config"];
  if (!config.is_object()) config = root.any("extra_body")["google"]["thinking_config"];
  std::string_view effort = root.string("reasoning_effort").string_or("");
  if (effort.empty()) effort = reasoning["effort"].string_or("");
  if (config.is_object() && read_google_config(config, show_thoughts, wish)) return {};
  if (effort.empty() &&
      (reasoning["enabled"].boolean() == false || thinking["type"].string_or("") == "disabled" ||
       root.any("enable_thinking").boolean() == false)) {
    effort = "none";
  }
  if (effort.empty()) {
    wish.budget = reasoning["max_tokens"].integer();
    if (!wish.budget) wish.budget = thinking["budget_tokens"].integer();
    return {};
  }
  // "auto" is what happens when nothing is said.
  wish.effort = effort_of(effort);
  if (!wish.effort && effort != "auto") {
    return fail(
        invalid("Invalid value for 'reasoning_effort'. Supported values are: 'none', "
                "'minimal', 'low', 'medium', 'high', 'xhigh' and 'max'.",
                "reasoning_effort"));
  }
  return {};
}

Result<OutputFormat> read_format(json::Value format) {
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

}  // namespace

Result<Generation> read_generation(Fields& root, bool show_thoughts, bool& hide) {
  Generation generation;
  read_sampling(root, generation);
  if (Result<> stop = read_stop(root, generation); !stop) return fail(stop.error());
  read_modalities(root, generation);
  Result<OutputFormat> format = read_format(root.object("response_format"));
  if (!format) return fail(format.error());
  generation.format = *format;
  Result<> thinking = read_thinking(root, show_thoughts, hide, generation.thinking);
  if (!thinking) return fail(thinking.error());
  return generation;
}

}  // namespace wasat::dialect::openai_chat
