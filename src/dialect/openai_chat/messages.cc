#include "dialect/openai_chat/messages.h"

#include <optional>
#include <string>
#include <utility>

#include "dialect/conversation/media.h"
#include "dialect/openai_chat/content_parts.h"

namespace wasat::dialect::openai_chat {
namespace {

enum class Role : std::uint8_t { kSystem, kUser, kAssistant, kTool };

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

Error missing(const std::string& path) {
  return invalid("Missing required parameter: '" + path + "'.", path);
}

std::optional<Role> role_of(std::string_view name) {
  if (name == "user") return Role::kUser;
  if (name == "assistant" || name == "model") return Role::kAssistant;
  if (name == "tool" || name == "function") return Role::kTool;
  if (name == "system" || name == "developer") return Role::kSystem;
  return std::nullopt;
}

// As Google's own compatible endpoint carries it, at a message or a call.
json::Value signature_of(json::Value holder) {
  return holder["extra_content"]["google"]["thought_signature"];
}

class MessageReader {
 public:
  MessageReader(json::Value message, std::size_t index, Source& source, Conversation& conversation)
      : message_(message),
        path_("messages[" + std::to_string(index) + "]"),
        fields_(message, path_),
        source_(source),
        conversation_(conversation) {}

  Result<> read();

 private:
  Result<> read_role();
  Result<> read_content();
  Result<> read_texts_and_media();
  Result<> read_assistant();
  Result<> read_calls(json::Value calls);
  Result<> read_call(json::Value function, json::Value id, json::Value signature,
                     const std::string& path);
  Result<> read_tool_result();
  void say(json::Value text, bool last);

  const json::Value message_;
  const std::string path_;
  Fields fields_;
  Source& source_;
  Conversation& conversation_;
  Role role_ = Role::kUser;
  json::Value content_;
};

Result<> MessageReader::read() {
  if (!message_.is_object()) return fail(wrong_type(path_, "an object", message_));
  if (Result<> role = read_role(); !role) return role;
  if (Result<> content = read_content(); !content) return content;
  switch (role_) {
    case Role::kAssistant:
      return read_assistant();
    case Role::kTool:
      return read_tool_result();
    case Role::kSystem:
    case Role::kUser:
      break;
  }
  return read_texts_and_media();
}

Result<> MessageReader::read_role() {
  const json::Value role = fields_.string("role");
  if (fields_.problem()) return fail(*fields_.problem());
  if (!role) return fail(missing(path_ + ".role"));
  const std::optional<Role> known = role_of(role.string_or(""));
  if (!known) {
    return fail(invalid("Invalid value for '" + path_ +
                            ".role'. Supported values are: 'system', 'developer', 'user', "
                            "'assistant', 'tool' and 'function'.",
                        path_ + ".role"));
  }
  role_ = *known;
  return {};
}

Result<> MessageReader::read_content() {
  content_ = fields_.any("content");
  if (content_ && !content_.is_string() && !content_.is_array()) {
    return fail(wrong_type(path_ + ".content", "a string or an array", content_));
  }
  const bool speaks_only = role_ != Role::kAssistant && role_ != Role::kTool;
  if (speaks_only && !content_) return fail(missing(path_ + ".content"));
  return {};
}

// `last`: the last text of its message.
void MessageReader::say(json::Value text, bool last) {
  if (role_ == Role::kSystem) {
    conversation_.system_text(text.escaped());
  } else if (role_ == Role::kUser) {
    conversation_.user_text(text.escaped());
  } else if (!text.escaped().empty()) {
    // A signature that the message has belongs to the end of its text.
    conversation_.model_text(text.escaped(),
                             last ? signature_of(message_).escaped() : std::string_view{});
  }
}

Result<> MessageReader::read_texts_and_media() {
  if (content_.is_string()) say(content_, true);
  if (!content_.is_array()) return {};
  std::size_t texts = 0;
  for (const json::Value part : content_) {
    if (!text_of(part).escaped().empty()) ++texts;
  }
  std::size_t index = 0;
  for (const json::Value part : content_) {
    const std::string path = path_ + ".content[" + std::to_string(index++) + "]";
    if (!part.is_object() && !part.is_string()) return fail(wrong_type(path, "an object", part));
    if (is_thought(part)) continue;
    if (part.is_string() || is_text(part)) {
      const json::Value text = text_of(part);
      if (!text.is_string()) {
        const bool refusal = part["type"].string_or("") == "refusal";
        return fail(wrong_type(path + (refusal ? ".refusal" : ".text"), "a string", text));
      }
      if (!text.escaped().empty()) say(text, --texts == 0);
      continue;
    }
    if (role_ == Role::kSystem) return fail(invalid("System messages can hold text only.", path));
    Result<Media> media = read_media_part(part, source_, path);
    if (!media) return fail(media.error());
    if (role_ == Role::kAssistant) {
      conversation_.model_media(std::move(*media));
    } else {
      conversation_.user_media(std::move(*media));
    }
  }
  return {};
}

Result<> MessageReader::read_assistant() {
  const json::Value calls = fields_.array("tool_calls");
  const json::Value legacy = fields_.object("function_call");
  const json::Value refusal = fields_.string("refusal");
  if (fields_.problem()) return fail(*fields_.problem());
  if (Result<> content = read_texts_and_media(); !content) return content;
  if (!content_ && refusal) say(refusal, true);
  // The old form has no id, and its signature stands at the message.
  if (calls.size() == 0 && legacy) {
    return read_call(legacy, {}, signature_of(message_), path_ + ".function_call");
  }
  return read_calls(calls);
}

Result<> MessageReader::read_calls(json::Value calls) {
  std::size_t index = 0;
  for (const json::Value call : calls) {
    std::string path = path_ + ".tool_calls[" + std::to_string(index++) + "]";
    if (!call.is_object()) return fail(wrong_type(path, "an object", call));
    const std::string_view kind = call["custom"].is_object() ? "custom" : "function";
    path.append(".").append(kind);
    const json::Value function = call[kind];
    if (!function.is_object()) return fail(wrong_type(path, "an object", function));
    Result<> read = read_call(function, call["id"], signature_of(call), path);
    if (!read) return read;
  }
  return {};
}

Result<> MessageReader::read_call(json::Value function, json::Value id, json::Value signature,
                                  const std::string& path) {
  const std::string_view name = function["name"].string_or("");
  if (name.empty()) return fail(missing(path + ".name"));
  const json::Value input = function["input"];
  conversation_.model_call({.id = id.string_or(""),
                            .name = name,
                            .arguments = input.is_string() ? input : function["arguments"],
                            .custom = input.is_string(),
                            .signature = signature.escaped()});
  return {};
}

Result<> MessageReader::read_tool_result() {
  ToolResult result{.id = fields_.string("tool_call_id").string_or(""),
                    .name = fields_.string("name").string_or("")};
  if (fields_.problem()) return fail(*fields_.problem());
  const auto add_text = [&result](json::Value text) {
    result.only = result.texts.empty() ? text : json::Value{};
    result.texts.push_back(text.escaped());
  };
  if (content_.is_string()) add_text(content_);
  std::size_t index = 0;
  for (const json::Value part : content_.is_array() ? content_ : json::Value{}) {
    const std::string path = path_ + ".content[" + std::to_string(index++) + "]";
    const json::Value text = part.is_string() ? part : part["text"];
    if (text.is_string()) {
      add_text(text);
      continue;
    }
    Result<Media> media = read_media_part(part, source_, path);
    if (!media) return fail(media.error());
    result.media.push_back(std::move(*media));
  }
  conversation_.tool_result(std::move(result));
  return {};
}

}  // namespace

Result<> read_messages(Fields& root, Source& source, Conversation& conversation) {
  const json::Value messages = root.array("messages");
  if (root.problem()) return fail(*root.problem());
  if (!messages) return fail(missing("messages"));
  if (messages.size() == 0) {
    return fail(
        invalid("Invalid 'messages': empty array. Expected an array with at least one "
                "message.",
                "messages"));
  }
  std::size_t index = 0;
  for (const json::Value message : messages) {
    MessageReader reader(message, index++, source, conversation);
    if (Result<> read = reader.read(); !read) return read;
  }
  return conversation.arrange();
}

}  // namespace wasat::dialect::openai_chat
