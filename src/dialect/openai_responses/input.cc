#include "dialect/openai_responses/input.h"

#include "dialect/fields.h"
#include "dialect/openai_responses/carrier.h"
#include "dialect/openai_responses/content.h"
#include "dialect/openai_responses/tools.h"
#include "json/writer.h"

namespace wasat::dialect::openai_responses {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

// The first of these members that is a string, escaped.
std::string_view first_string(json::Value object, std::initializer_list<std::string_view> names) {
  for (const std::string_view name : names) {
    if (const json::Value value = object[name]; value.is_string()) return value.string_or("");
  }
  return {};
}

std::string_view call_id(json::Value item) { return first_string(item, {"call_id", "id"}); }

}  // namespace

std::optional<std::string_view> referenced_id(json::Value item) {
  if (!item.is_object() || !item["id"].is_string()) return std::nullopt;
  const json::Value type = item["type"];
  const bool bare = (!type || type.is_null()) && item.size() == (type ? 2u : 1u);
  if (!bare && type.string_or("") != "item_reference") return std::nullopt;
  return item["id"].string_or("");
}

std::string InputReader::path(std::string_view field) const {
  std::string path(name_);
  path += '[';
  path += std::to_string(index_);
  path += ']';
  if (!field.empty()) {
    path += '.';
    path += field;
  }
  return path;
}

void InputReader::hold_text(std::string_view escaped) {
  if (escaped.empty()) return;
  give_text();
  text_ = escaped;
}

void InputReader::give_text() {
  if (text_.empty()) return;
  conversation_.model_text(std::exchange(text_, {}), std::exchange(text_signature_, {}));
}

void InputReader::leave_model() {
  // No call and no message followed: what waits can only belong to what was said before.
  if (!waiting_.empty() && !text_.empty() && text_signature_.empty()) {
    text_signature_ = take_signature();
  }
  waiting_ = {};
  give_text();
}

Result<> InputReader::instructions(json::Value value) {
  if (value.is_string()) {
    conversation_.system_text(value.escaped());
    return {};
  }
  // The newer form: items, of which the texts instruct.
  for (const json::Value item : value) {
    const auto take = [this](Part part) {
      if (const auto* text = std::get_if<std::string_view>(&part)) conversation_.system_text(*text);
    };
    Result<> read =
        read_content(item.is_object() ? item["content"] : item, "instructions", source_, take);
    if (!read) return read;
  }
  return {};
}

Result<> InputReader::read(json::Value input, std::string_view name) {
  name_ = name;
  index_ = 0;
  if (input.is_string()) {
    leave_model();
    conversation_.user_text(input.escaped());
    return {};
  }
  for (const json::Value each : input) {
    if (Result<> done = item(each); !done) return done;
    ++index_;
  }
  return {};
}

Result<> InputReader::item(json::Value value) {
  if (value.is_string()) {
    leave_model();
    conversation_.user_text(value.escaped());
    return {};
  }
  if (!value.is_object()) return fail(wrong_type(path({}), "an object", value));
  const json::Value type = value["type"];
  if (type && !type.is_null() && !type.is_string()) {
    return fail(wrong_type(path("type"), "a string", type));
  }
  const std::string_view kind = type.string_or("");
  if (kind == "message" || (kind.empty() && value["role"])) return message(value);
  if (kind == "reasoning") {
    reasoning(value);
  } else if (kind == "function_call") {
    call(value, value["name"].string_or(""), value["arguments"], false);
  } else if (kind == "custom_tool_call") {
    call(value, value["name"].string_or(""), value["input"], true);
  } else if (kind == "local_shell_call" || kind == "shell_call") {
    call(value, kind.substr(0, kind.size() - std::string_view("_call").size()), value["action"],
         false);
  } else if (kind == "apply_patch_call") {
    call(value, "apply_patch", value["operation"], false);
  } else if (kind == "shell_call_output") {
    shell_output(value);
  } else if (kind == "mcp_call") {
    mcp_call(value);
  } else if (kind == "image_generation_call") {
    image_call(value);
  } else if (kind == "code_interpreter_call") {
    code_call(value);
  } else if (kind == "compaction" || kind == "compaction_summary") {
    return compaction(value);
  } else {
    return other(value, kind);
  }
  return {};
}

Result<> InputReader::message(json::Value item) {
  const std::string_view role = item["role"].string_or("");
  const bool model = role == "assistant" || role == "model";
  const bool system = role == "system" || role == "developer";
  if (!model && !system && role != "user") {
    return fail(invalid("Invalid value for '" + path("role") +
                            "'. Supported values are: 'assistant', 'system', 'developer' and "
                            "'user'.",
                        path("role")));
  }
  if (!model) leave_model();
  const auto say = [this, model, system](std::string_view text) {
    if (model) {
      hold_text(text);
    } else if (system) {
      conversation_.system_text(text);
    } else {
      conversation_.user_text(text);
    }
  };
  const json::Value content = item["content"];
  Result<> read;
  if (content.is_string()) {
    say(content.escaped());
  } else {
    read = read_content(content, path("content"), source_, [&](Part part) {
      if (const auto* text = std::get_if<std::string_view>(&part)) {
        say(*text);
      } else if (model) {
        give_text();
        conversation_.model_media(std::get<Media>(std::move(part)));
      } else {
        conversation_.user_media(std::get<Media>(std::move(part)));
      }
    });
  }
  // Gemini signs the last part of a text.
  if (model && !text_.empty() && !waiting_.empty()) text_signature_ = take_signature();
  return read;
}

// Summaries are not sent back: a model that finds its thoughts among its words repeats them.
void InputReader::reasoning(json::Value item) {
  const json::Value content = item["encrypted_content"];
  if (!content.is_string()) return;
  const std::optional<Carrier> carrier = read_carrier(content.escaped());
  if (!carrier) return;
  if (!carrier->behind) {
    waiting_ = carrier->wrapped;
  } else if (!text_.empty()) {
    text_signature_ = carrier->wrapped;
  }
}

void InputReader::call(json::Value item, std::string_view name, json::Value arguments,
                       bool custom) {
  if (const json::Value space = item["namespace"]; space.is_string() && !space.escaped().empty()) {
    name = source_.keep(names_.to_gemini(name, space.string_or("")));
  }
  give_text();
  conversation_.model_call({.id = call_id(item),
                            .name = name,
                            .arguments = arguments,
                            .custom = custom,
                            .signature = take_signature()});
}

Result<> InputReader::call_output(json::Value item) {
  leave_model();
  ToolResult result{.id = call_id(item), .name = item["name"].string_or("")};
  const std::string_view status = item["status"].string_or("");
  result.failed = status == "failed";
  const json::Value output = item["output"];
  if (output.is_string()) {
    result.texts.push_back(output.escaped());
    result.only = output;
  } else if (output.is_object() && !output["type"].is_string()) {
    result.texts.push_back(source_.keep([&output] {
      std::string text;
      json::append_escaped(text, output.raw());
      return text;
    }()));
  } else {
    Result<> read = read_content(output, path("output"), source_, [&result](Part part) {
      if (const auto* text = std::get_if<std::string_view>(&part)) {
        result.texts.push_back(*text);
      } else {
        result.media.push_back(std::get<Media>(std::move(part)));
      }
    });
    if (!read) return read;
  }
  if (result.texts.empty() && result.media.empty() && !status.empty()) {
    result.texts.push_back(item["status"].escaped());
  }
  conversation_.tool_result(std::move(result));
  return {};
}

// output: [{stdout, stderr, outcome: {type, exit_code}}], as the model wants to read it.
void InputReader::shell_output(json::Value item) {
  leave_model();
  ToolResult result{.id = call_id(item)};
  const json::Value output = item["output"];
  if (output.is_string()) {
    result.texts.push_back(output.escaped());
    result.only = output;
  }
  for (const json::Value command : output) {
    std::string text;
    for (const std::string_view field : {"stdout", "stderr"}) {
      text += command[field].escaped();
      if (!text.empty() && !text.ends_with("\\n")) text += "\\n";
    }
    const json::Value outcome = command["outcome"];
    if (outcome["type"].string_or("") == "timeout") {
      text += "(timed out)";
    } else if (const auto code = outcome["exit_code"].integer()) {
      text += "(exit code " + std::to_string(*code) + ")";
    }
    result.texts.push_back(source_.keep(std::move(text)));
  }
  conversation_.tool_result(std::move(result));
}

// A call to a server that somebody else made, with its result.
void InputReader::mcp_call(json::Value item) {
  const json::Value output = item["output"];
  const json::Value error = item["error"];
  if (!output.is_string() && !error.is_string()) return;
  call(item, item["name"].string_or("mcp"), item["arguments"], false);
  ToolResult result{.id = call_id(item), .failed = !output.is_string()};
  result.only = output.is_string() ? output : error;
  result.texts.push_back(result.only.escaped());
  leave_model();
  conversation_.tool_result(std::move(result));
}

void InputReader::image_call(json::Value item) {
  const json::Value image = item["result"];
  if (!image.is_string() || image.escaped().empty()) return;
  give_text();
  Media media = drawn_image(image, item["output_format"].string_or(""), source_, path("result"));
  media.signature = take_signature();
  conversation_.model_media(std::move(media));
}

void InputReader::code_call(json::Value item) {
  const json::Value code = item["code"];
  if (!code.is_string()) return;
  std::string text = "```python\\n" + std::string(code.escaped()) + "\\n```";
  for (const json::Value output : item["outputs"]) {
    if (const json::Value logs = output["logs"]; logs.is_string()) {
      text += "\\n```output\\n" + std::string(logs.escaped()) + "\\n```";
    }
  }
  hold_text(source_.keep(std::move(text)));
}

Result<> InputReader::reference(std::string_view id) {
  const json::Value found = find_ ? find_(id) : json::Value{};
  if (found && !referenced_id(found)) return item(found);
  // Thoughts and searches can be done without, words and calls cannot.
  if (id.starts_with("rs_") || id.starts_with("ws_")) return {};
  return fail(invalid("Item with id '" + std::string(id) +
                          "' not found. Items are kept for a while unless 'store' is false; send "
                          "the item itself.",
                      path("id")));
}

// What was compacted elsewhere is encrypted for OpenAI; words in it are of use.
Result<> InputReader::compaction(json::Value item) {
  leave_model();
  for (const std::string_view field : {"summary", "text", "content"}) {
    const json::Value words = item[field];
    if (!words.is_string() && !words.is_array()) continue;
    return read_content(words, path(field), source_, [this](Part part) {
      if (const auto* text = std::get_if<std::string_view>(&part)) conversation_.user_text(*text);
    });
  }
  return {};
}

Result<> InputReader::other(json::Value item, std::string_view type) {
  // The answer that follows says what was found; the list itself is large.
  if (type.starts_with("tool_search_") || type.starts_with("mcp_") || type == "web_search_call" ||
      type == "file_search_call") {
    return {};
  }
  if (const auto id = referenced_id(item)) return reference(*id);
  if (type.ends_with("_output")) return call_output(item);
  if (type.ends_with("_call") && item["call_id"].is_string()) {
    const json::Value name = item["name"];
    json::Value arguments = item["arguments"];
    if (!arguments) arguments = item["action"];
    call(item, name.string_or(type.substr(0, type.size() - std::string_view("_call").size())),
         arguments, false);
    return {};
  }
  if (item["role"].is_string()) return message(item);
  return {};  // what comes in future
}

}  // namespace wasat::dialect::openai_responses
