#include "dialect/openai_responses/request.h"

#include "dialect/conversation/tools.h"
#include "dialect/fields.h"
#include "gemini/model_names.h"

namespace wasat::dialect::openai_responses {
namespace {

constexpr std::size_t kMaxModelName = 256;
constexpr std::size_t kMaxId = 256;

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

Error unsupported(std::string detail, std::string param) {
  return client_error(ErrorKind::kUnsupported, std::move(detail), std::move(param));
}

void read_model(Fields& root, ResponsesRequest& request) {
  const json::Value model = root.string("model");
  const std::string_view name = model.string_or("");
  if (name.empty()) {
    root.wrong(invalid("You must provide a model parameter.", "model"));
    return;
  }
  request.model_label = model.escaped();
  request.model = gemini::clean_model_name(name);
  if (request.model.empty() || name.size() > kMaxModelName) {
    root.wrong(invalid("Invalid 'model': this is no model's name.", "model"));
  }
}

void read_input(Fields& root, ResponsesRequest& request) {
  request.input = root.any("input");
  if (request.input && !request.input.is_string() && !request.input.is_array()) {
    root.wrong(wrong_type("input", "a string or an array of items", request.input));
  }
  request.instructions = root.any("instructions");
  if (request.instructions && !request.instructions.is_string() &&
      !request.instructions.is_array()) {
    root.wrong(wrong_type("instructions", "a string", request.instructions));
  }
  request.previous = root.string("previous_response_id").string_or("");
  if (request.previous.size() > kMaxId) {
    root.wrong(invalid("Invalid 'previous_response_id': it is too long.", "previous_response_id"));
  }
  if (root.any("conversation")) {
    root.wrong(
        unsupported("Conversations are not kept here. Send the items as 'input', or name "
                    "the answer before with 'previous_response_id'.",
                    "conversation"));
  }
  if (root.any("prompt")) {
    root.wrong(
        unsupported("Prompt templates are not kept here. Send their text as "
                    "'instructions' and 'input'.",
                    "prompt"));
  }
  if (!request.input && request.previous.empty()) {
    root.wrong(invalid("Missing required parameter: 'input'.", "input"));
  }
}

void read_format(Fields& root, ResponsesRequest& request) {
  request.text = root.object("text");
  const std::string_view verbosity = request.text["verbosity"].string_or("");
  if (verbosity == "low" || verbosity == "high") request.verbosity = verbosity;
  const json::Value format = request.text["format"];
  if (!format || format.is_null()) return;
  if (!format.is_object()) {
    root.wrong(wrong_type("text.format", "an object", format));
    return;
  }
  const std::string_view type = format["type"].string_or("text");
  if (type == "text") return;
  if (type != "json_object" && type != "json_schema") {
    root.wrong(
        invalid("Invalid value for 'text.format.type'. Supported values are: 'text', "
                "'json_object' and 'json_schema'.",
                "text.format.type"));
    return;
  }
  request.generation.format.json = true;
  if (type == "json_object") return;
  // Some clients send chat's form, one level deeper.
  const json::Value schema = format["schema"] ? format["schema"] : format["json_schema"]["schema"];
  if (!schema || schema.is_null()) return;
  if (!schema.is_object()) {
    root.wrong(wrong_type("text.format.schema", "an object", schema));
    return;
  }
  request.generation.format.schema = schema;
}

void read_reasoning(Fields& root, ResponsesRequest& request) {
  request.reasoning = root.object("reasoning");
  const json::Value effort = request.reasoning["effort"];
  if (effort && !effort.is_null()) {
    request.generation.thinking.effort = effort_of(effort.string_or(""));
    // "auto" is what happens when nothing is said.
    if (!request.generation.thinking.effort && effort.string_or("") != "auto") {
      root.wrong(
          invalid("Invalid value for 'reasoning.effort'. Supported values are: 'none', "
                  "'minimal', 'low', 'medium', 'high', 'xhigh' and 'max'.",
                  "reasoning.effort"));
    }
  }
  const auto wants = [&request](std::string_view name) {
    const json::Value summary = request.reasoning[name];
    return summary.is_string() && summary.string_or("") != "none";
  };
  // Said either way: Gemini's own default differs between models.
  request.generation.thinking.include_thoughts = wants("summary") || wants("generate_summary");
}

void read_sampling(Fields& root, ResponsesRequest& request) {
  Generation& generation = request.generation;
  generation.temperature = root.number("temperature");
  generation.top_p = root.number("top_p");
  generation.max_tokens = root.integer("max_output_tokens");
  if (generation.max_tokens && *generation.max_tokens < 1) {
    root.wrong(invalid("Invalid 'max_output_tokens': it must be at least 1.", "max_output_tokens"));
  }
  if (const auto top = root.integer("top_logprobs"); top && *top > 0) {
    generation.logprobs = true;
    generation.top_logprobs = top;
  }
  for (const json::Value what : root.array("include")) {
    const std::string_view name = what.string_or("");
    if (name == "message.output_text.logprobs") generation.logprobs = true;
    if (name == "web_search_call.action.sources") request.include_sources = true;
  }
  const std::string_view tier = root.string("service_tier").string_or("");
  if (tier == "flex" || tier == "priority") request.service_tier = tier;
}

void read_tools(Fields& root, ResponsesRequest& request) {
  request.tools = root.array("tools");
  request.tool_choice = root.any("tool_choice");
  if (request.tools.size() > kMaxTools) root.wrong(invalid("Too many tools.", "tools"));
  if (request.tool_choice && !request.tool_choice.is_string() && !request.tool_choice.is_object()) {
    root.wrong(wrong_type("tool_choice", "a string or an object", request.tool_choice));
  }
}

}  // namespace

Result<ResponsesRequest> read_responses_request(json::Value value) {
  if (!value.is_object()) return fail(wrong_type("body", "an object", value));
  Fields root(value, "");
  ResponsesRequest request;
  request.root = value;
  read_model(root, request);
  request.stream = root.boolean("stream").value_or(false);
  request.store = root.boolean("store").value_or(true);
  read_input(root, request);
  read_tools(root, request);
  read_sampling(root, request);
  read_reasoning(root, request);
  read_format(root, request);
  if (root.problem()) return fail(*root.problem());
  return request;
}

}  // namespace wasat::dialect::openai_responses
