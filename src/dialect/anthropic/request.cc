#include "dialect/anthropic/request.h"

#include <utility>

#include "dialect/anthropic/errors.h"
#include "dialect/fields.h"
#include "gemini/model_names.h"

namespace wasat::dialect::anthropic {
namespace {

constexpr std::size_t kMaxStopSequences = 5;  // generationConfig.stopSequences
constexpr std::size_t kMaxModelName = 256;

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

Error required(const std::string& param) { return invalid(param + ": Field required", param); }

void read_model(Fields& root, MessagesRequest& request) {
  const json::Value model = root.string("model");
  if (root.problem()) return;
  const std::string_view name = model.string_or("");
  if (name.empty()) return root.wrong(required("model"));
  request.model_label = model.escaped();
  request.model = gemini::clean_model_name(name);
  if (request.model.empty() || name.size() > kMaxModelName) {
    root.wrong(invalid("model: this is no model's name", "model"));
  }
}

void read_sampling(Fields& root, Generation& generation) {
  generation.temperature = root.number("temperature");
  generation.top_p = root.number("top_p");
  generation.top_k = root.integer("top_k");
  generation.max_tokens = root.integer("max_tokens");
  if (generation.max_tokens && *generation.max_tokens < 1) {
    root.wrong(invalid("max_tokens: Input should be greater than or equal to 1", "max_tokens"));
  }
  for (const json::Value text : root.array("stop_sequences")) {
    if (!text.is_string()) {
      return root.wrong(wrong_type("stop_sequences", "an array of strings", text));
    }
    if (!text.escaped().empty() && generation.stop.size() < kMaxStopSequences) {
      generation.stop.push_back(text.escaped());
    }
  }
}

// The effort of the request, or what the last message that has one asks for.
json::Value effort_of_request(json::Value config, json::Value messages) {
  if (const json::Value effort = config["effort"]; effort.is_string()) return effort;
  json::Value effort;
  for (const json::Value message : messages) {
    const json::Value own = message["output_config"]["effort"];
    if (own.is_string()) effort = own;
  }
  return effort;
}

void read_thinking(Fields& root, MessagesRequest& request) {
  const json::Value thinking = root.object("thinking");
  const json::Value config = root.object("output_config");
  ThinkingWish& wish = request.generation.thinking;
  wish.effort = effort_of(effort_of_request(config, request.messages).string_or(""));
  const std::string_view type = thinking["type"].string_or("");
  if (type == "disabled") {
    wish.effort = Effort::kNone;
  } else if (!type.empty()) {
    request.thinks = true;
    request.shows_thoughts = thinking["display"].string_or("") != "omitted";
    wish.budget = thinking["budget_tokens"].integer();
  }
}

void read_format(Fields& root, OutputFormat& format) {
  json::Value wanted = root.object("output_config")["format"];
  if (!wanted.is_object()) wanted = root.object("output_format");  // the field's first name
  if (wanted["type"].string_or("") != "json_schema") return;
  format.json = true;
  const json::Value schema = wanted["schema"];
  if (schema.is_object()) {
    format.schema = schema;
  } else {
    root.wrong(wrong_type("output_config.format.schema", "an object", schema));
  }
}

void read_messages(Fields& root, MessagesRequest& request) {
  request.messages = root.array("messages");
  if (root.problem()) return;
  if (!request.messages) return root.wrong(required("messages"));
  if (request.messages.size() == 0) {
    root.wrong(invalid("messages: at least one message is required", "messages"));
  }
}

// Threads are conversations that Anthropic keeps (beta message-threads-2026-08-12; the SDK's
// tool runner begins one by itself). None is kept here, and a client that hears that its
// thread is lost sends the whole conversation again.
void read_thread(Fields& root) {
  if (root.object("thread")["type"].string_or("") != "continue") return;
  root.wrong(client_error(ErrorKind::kNotFound,
                          "This thread is not known: conversations are not kept here. Send the "
                          "whole of it, without \"thread\".",
                          std::string(kLostThread)));
}

}  // namespace

Result<MessagesRequest> read_messages_request(json::Value value) {
  if (!value.is_object()) return fail(wrong_type("body", "an object", value));
  Fields root(value, "");
  MessagesRequest request;
  read_model(root, request);
  read_thread(root);
  read_messages(root, request);
  request.stream = root.boolean("stream").value_or(false);
  request.system = root.any("system");
  if (request.system && !request.system.is_string() && !request.system.is_array()) {
    root.wrong(wrong_type("system", "a string or an array", request.system));
  }
  request.tools = root.array("tools");
  request.tool_choice = root.object("tool_choice");
  read_sampling(root, request.generation);
  read_thinking(root, request);
  // Who has not asked for thinking does not count with thoughts among the tokens.
  request.generation.max_is_visible = !request.thinks;
  read_format(root, request.generation.format);
  if (root.problem()) return fail(*root.problem());
  return request;
}

}  // namespace wasat::dialect::anthropic
