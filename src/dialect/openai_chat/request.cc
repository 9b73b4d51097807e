#include "dialect/openai_chat/request.h"

#include "dialect/fields.h"
#include "gemini/model_names.h"

namespace wasat::dialect::openai_chat {
namespace {

constexpr std::size_t kMaxStopSequences = 5;  // generationConfig.stopSequences
constexpr std::size_t kMaxModelName = 256;

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

Error unsupported(std::string detail, std::string param) {
  return client_error(ErrorKind::kUnsupported, std::move(detail), std::move(param));
}

std::optional<Role> role_of(std::string_view name) {
  if (name == "user") return Role::kUser;
  if (name == "assistant" || name == "model") return Role::kAssistant;
  if (name == "tool" || name == "function") return Role::kTool;
  if (name == "system" || name == "developer") return Role::kSystem;
  return std::nullopt;
}

Result<Message> read_message(json::Value value, std::size_t index) {
  const std::string path = "messages[" + std::to_string(index) + "]";
  if (!value.is_object()) return fail(wrong_type(path, "an object", value));
  Fields fields(value, path);
  Message message{.index = index};
  const json::Value role = fields.string("role");
  if (!fields.problem()) {
    if (!role) {
      return fail(invalid("Missing required parameter: '" + path + ".role'.", path + ".role"));
    }
    const std::optional<Role> known = role_of(role.string_or(""));
    if (!known) {
      return fail(invalid("Invalid value for '" + path +
                              ".role'. Supported values are: 'system', 'developer', 'user', "
                              "'assistant', 'tool' and 'function'.",
                          path + ".role"));
    }
    message.role = *known;
  }
  message.content = fields.any("content");
  if (message.content && !message.content.is_string() && !message.content.is_array()) {
    fields.wrong(wrong_type(path + ".content", "a string or an array", message.content));
  }
  const bool speaks_only = message.role != Role::kAssistant && message.role != Role::kTool;
  if (!fields.problem() && speaks_only && !message.content) {
    return fail(invalid("Missing required parameter: '" + path + ".content'.", path + ".content"));
  }
  if (message.role == Role::kAssistant) {
    message.tool_calls = fields.array("tool_calls");
    message.function_call = fields.object("function_call");
    message.refusal = fields.string("refusal");
    const json::Value signature = value["extra_content"]["google"]["thought_signature"];
    if (signature.is_string()) message.signature = signature;
  } else if (message.role == Role::kTool) {
    message.tool_call_id = fields.string("tool_call_id");
    message.name = fields.string("name");
  }
  if (fields.problem()) return fail(*fields.problem());
  return message;
}

Result<> read_messages(Fields& root, ChatRequest& request) {
  const json::Value messages = root.array("messages");
  if (root.problem()) return {};
  if (!messages) return fail(invalid("Missing required parameter: 'messages'.", "messages"));
  if (messages.size() == 0) {
    return fail(
        invalid("Invalid 'messages': empty array. Expected an array with at least one "
                "message.",
                "messages"));
  }
  request.messages.reserve(messages.size());
  std::size_t index = 0;
  for (const json::Value value : messages) {
    Result<Message> message = read_message(value, index++);
    if (!message) return fail(message.error());
    request.messages.push_back(*message);
  }
  return {};
}

Result<> read_model(Fields& root, ChatRequest& request) {
  const json::Value model = root.string("model");
  if (root.problem()) return {};
  const std::string_view name = model.string_or("");
  if (name.empty()) return fail(invalid("You must provide a model parameter.", "model"));
  request.model_label = model.escaped();
  request.model = gemini::clean_model_name(name);
  if (request.model.empty() || name.size() > kMaxModelName) {
    return fail(invalid("Invalid 'model': this is no model's name.", "model"));
  }
  return {};
}

Result<> read_stop(Fields& root, ChatRequest& request) {
  const json::Value stop = root.any("stop");
  if (!stop) return {};
  const auto add = [&request](json::Value text) {
    if (!text.escaped().empty() && request.stop.size() < kMaxStopSequences) {
      request.stop.push_back(text);
    }
  };
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

void read_sampling(Fields& root, ChatRequest& request) {
  request.temperature = root.number("temperature");
  request.top_p = root.number("top_p");
  request.top_k = root.integer("top_k");
  request.presence_penalty = root.number("presence_penalty");
  request.frequency_penalty = root.number("frequency_penalty");
  request.seed = root.integer("seed");
  request.max_tokens = root.integer("max_completion_tokens");
  if (!request.max_tokens) request.max_tokens = root.integer("max_tokens");
  if (request.max_tokens && *request.max_tokens < 1) {
    root.wrong(invalid("Invalid 'max_tokens': it must be at least 1.", "max_tokens"));
  }
  request.logprobs = root.boolean("logprobs").value_or(false);
  request.top_logprobs = root.integer("top_logprobs");
  const std::string_view tier = root.string("service_tier").string_or("");
  if (tier == "flex" || tier == "priority") request.service_tier = tier;
}

// What nothing upstream of here can carry yet.
void refuse_unsupported(Fields& root, ChatRequest& request) {
  if (const auto n = root.integer("n"); n && *n != 1) {
    root.wrong(*n < 1 ? invalid("Invalid 'n': it must be at least 1.", "n")
                      : unsupported("'n' greater than 1 is not supported.", "n"));
  }
  if (const json::Value modalities = root.array("modalities")) {
    for (const json::Value modality : modalities) {
      const std::string_view name = modality.string_or("");
      if (name == "image") {
        request.image_output = true;
      } else if (name == "audio") {
        root.wrong(unsupported("Audio output is not supported.", "modalities"));
      } else if (name != "text") {
        root.wrong(
            invalid("Invalid value in 'modalities'. Supported values are: 'text' and "
                    "'image'.",
                    "modalities"));
      }
    }
  }
  if (root.object("audio")) root.wrong(unsupported("Audio output is not supported.", "audio"));
}

// Clients say the same thing in several ways: OpenAI's field, Google's extension
// (flat or within extra_body), OpenRouter's, Anthropic's and Qwen's.
void read_reasoning(Fields& root, ChatRequest& request) {
  ReasoningWish& wish = request.reasoning;
  const json::Value google = root.any("google");
  const json::Value extra = root.any("extra_body")["google"];
  for (const json::Value source : {extra, google}) {
    if (const json::Value config = source["thinking_config"]; config.is_object()) {
      wish.google_config = config;
    }
    if (source["cached_content"].is_string()) request.cached_content = source["cached_content"];
    if (source["safety_settings"].is_array()) request.safety_settings = source["safety_settings"];
  }
  wish.effort = root.string("reasoning_effort").string_or("");
  const json::Value reasoning = root.any("reasoning");
  if (wish.effort.empty()) wish.effort = reasoning["effort"].string_or("");
  wish.budget = reasoning["max_tokens"].integer();
  wish.hide = reasoning["exclude"].boolean().value_or(false);
  if (reasoning["enabled"].boolean() == false && wish.effort.empty()) wish.effort = "none";
  const json::Value thinking = root.any("thinking");
  if (thinking["type"].string_or("") == "disabled" && wish.effort.empty()) wish.effort = "none";
  if (!wish.budget) wish.budget = thinking["budget_tokens"].integer();
  if (root.any("enable_thinking").boolean() == false && wish.effort.empty()) wish.effort = "none";
}

void read_tools(Fields& root, ChatRequest& request) {
  request.tools = root.array("tools");
  request.tool_choice = root.any("tool_choice");
  if (!request.tools) {
    if (const json::Value functions = root.array("functions")) {
      request.tools = functions;
      request.tool_choice = root.any("function_call");
      request.legacy_functions = true;
    }
  }
  if (request.tools.size() > kMaxTools) root.wrong(invalid("Too many tools.", "tools"));
  if (request.tool_choice && !request.tool_choice.is_string() && !request.tool_choice.is_object()) {
    root.wrong(wrong_type(request.legacy_functions ? "function_call" : "tool_choice",
                          "a string or an object", request.tool_choice));
  }
  request.web_search = static_cast<bool>(root.object("web_search_options"));
}

}  // namespace

Result<ChatRequest> read_chat_request(json::Value value) {
  if (!value.is_object()) return fail(wrong_type("body", "an object", value));
  Fields root(value, "");
  ChatRequest request;
  if (Result<> model = read_model(root, request); !model) return fail(model.error());
  request.stream = root.boolean("stream").value_or(false);
  request.include_usage = root.object("stream_options")["include_usage"].boolean().value_or(false);
  if (Result<> messages = read_messages(root, request); !messages) return fail(messages.error());
  read_sampling(root, request);
  if (Result<> stop = read_stop(root, request); !stop) return fail(stop.error());
  read_tools(root, request);
  refuse_unsupported(root, request);
  read_reasoning(root, request);
  request.response_format = root.object("response_format");
  if (const json::Value safety = root.array("safety_settings")) request.safety_settings = safety;
  if (root.problem()) return fail(*root.problem());
  return request;
}

}  // namespace wasat::dialect::openai_chat
