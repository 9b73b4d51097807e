// A chat completion request in typed form.
//
// Values and views point into the request's document. What has a wrong type was
// refused; what content parts and tools hold is looked at when they are lowered.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "json/reader.h"

namespace wasat::dialect::openai_chat {

// Far above what models handle; bounds the work on names.
inline constexpr std::size_t kMaxTools = 2048;

enum class Role : std::uint8_t { kSystem, kUser, kAssistant, kTool };

struct Message {
  Role role = Role::kUser;
  std::size_t index = 0;      // in `messages`, for the names of wrong fields
  json::Value content;        // string, array or absent
  json::Value tool_calls;     // assistant: array or absent
  json::Value function_call;  // assistant, legacy: object or absent
  json::Value tool_call_id;   // tool: string or absent
  json::Value name;           // function (and some tool) messages: string or absent
  json::Value refusal;        // assistant: string or absent
  json::Value signature;      // assistant: of its text; string or absent
};

// How much the model should think, from whichever field the client knows.
struct ReasoningWish {
  json::Value google_config;  // google.thinking_config: object or absent; outranks the rest
  std::string_view effort;    // "none" ... "max"; empty: not said
  std::optional<std::int64_t> budget;
  bool hide = false;  // the client does not want to see thoughts
};

struct ChatRequest {
  std::string model;             // clean: "gemini-2.5-flash"
  std::string_view model_label;  // as written, still escaped; answers repeat it
  std::vector<Message> messages;
  bool stream = false;
  bool include_usage = false;

  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<double> presence_penalty;
  std::optional<double> frequency_penalty;
  std::optional<std::int64_t> top_k;
  std::optional<std::int64_t> max_tokens;
  std::optional<std::int64_t> seed;
  std::vector<json::Value> stop;  // strings, not empty, at most five
  bool logprobs = false;
  std::optional<std::int64_t> top_logprobs;

  json::Value tools;        // array or absent; `functions` in the legacy form
  json::Value tool_choice;  // string, object or absent; `function_call` in the legacy form
  bool legacy_functions = false;
  bool web_search = false;      // web_search_options is there
  json::Value response_format;  // object or absent
  ReasoningWish reasoning;
  json::Value safety_settings;  // array or absent
  json::Value cached_content;   // string or absent
  bool image_output = false;
  std::string_view service_tier;  // "flex", "priority" or empty
};

Result<ChatRequest> read_chat_request(json::Value root);

}  // namespace wasat::dialect::openai_chat
