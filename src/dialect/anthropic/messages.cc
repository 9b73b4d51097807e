#include "dialect/anthropic/messages.h"

#include <optional>
#include <string>
#include <utility>

#include "dialect/anthropic/media.h"
#include "dialect/conversation/signature.h"
#include "dialect/fields.h"

namespace wasat::dialect::anthropic {
namespace {

enum class Role : std::uint8_t { kUser, kAssistant, kSystem };

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

Error required(std::string param) {
  std::string detail = param + ": Field required";
  return invalid(std::move(detail), std::move(param));
}

std::optional<Role> role_of(std::string_view name) {
  if (name == "user") return Role::kUser;
  if (name == "assistant" || name == "model") return Role::kAssistant;
  if (name == "system" || name == "developer") return Role::kSystem;
  return std::nullopt;
}

// Claude Code's first system text names its build and its session: it says nothing to
// a model, and upstream caches would never match. Only that line is dropped.
std::string_view without_billing(std::string_view escaped) {
  if (!escaped.starts_with("x-anthropic-billing-header:")) return escaped;
  const std::size_t end = escaped.find("\\n");
  return end == escaped.npos ? std::string_view() : escaped.substr(end + 2);
}

// Where a block stands; its name is made when an error needs it.
struct Place {
  std::size_t message = 0;
  std::size_t block = 0;

  std::string path() const {
    return "messages." + std::to_string(message) + ".content." + std::to_string(block);
  }
};

class UserSink : public BlockSink {
 public:
  explicit UserSink(Conversation& conversation) : conversation_(conversation) {}
  void text(std::string_view escaped, json::Value) override { conversation_.user_text(escaped); }
  void media(Media media) override { conversation_.user_media(std::move(media)); }

 private:
  Conversation& conversation_;
};

class ResultSink : public BlockSink {
 public:
  explicit ResultSink(ToolResult& result) : result_(result) {}
  void text(std::string_view escaped, json::Value whole) override {
    result_.only = result_.texts.empty() ? whole : json::Value{};
    result_.texts.push_back(escaped);
  }
  void media(Media media) override { result_.media.push_back(std::move(media)); }

 private:
  ToolResult& result_;
};

class MessageReader {
 public:
  MessageReader(Source& source, Conversation& conversation, std::vector<std::string_view>& tools)
      : source_(source), conversation_(conversation), tools_(tools) {}

  void system(json::Value system);
  Result<> message(json::Value message, std::size_t index);

 private:
  Result<> user_block(json::Value block, const Place& place);
  Result<> tool_result(json::Value block, const Place& place);
  Result<> result_part(json::Value part, const Place& place, ResultSink& sink);
  Result<> model_block(json::Value block, const Place& place);
  Result<> tool_use(json::Value block, const Place& place);
  void carrier(std::string_view escaped);
  void server_use(json::Value block);
  void server_result(json::Value block);
  void fenced(std::string_view language, std::string_view escaped);
  void references(json::Value list);

  Source& source_;
  Conversation& conversation_;
  std::vector<std::string_view>& tools_;
  std::string_view signature_;  // of the block to come
};

void MessageReader::system(json::Value system) {
  if (system.is_string()) return conversation_.system_text(without_billing(system.escaped()));
  for (const json::Value block : system) {
    const json::Value text = block.is_string() ? block : block["text"];
    if (text.is_string()) conversation_.system_text(without_billing(text.escaped()));
  }
}

Result<> MessageReader::message(json::Value message, std::size_t index) {
  const std::string_view name = message["role"].string_or("");
  const std::optional<Role> role = role_of(name);
  if (!role) {
    const std::string path = "messages." + std::to_string(index) + ".role";
    if (!message["role"]) return fail(required(path));
    return fail(invalid(path + ": Input should be 'user', 'assistant' or 'system'", path));
  }
  const json::Value content = message["content"];
  if (!content.is_string() && !content.is_array()) {
    const std::string path = "messages." + std::to_string(index) + ".content";
    if (!content) return fail(required(path));
    return fail(wrong_type(path, "a string or an array", content));
  }
  if (*role == Role::kSystem) {
    system(content);
    return {};
  }
  if (content.is_string()) {
    if (*role == Role::kUser) {
      conversation_.user_text(content.escaped());
    } else {
      conversation_.model_text(content.escaped());
    }
    return {};
  }
  Place place{.message = index};
  for (const json::Value block : content) {
    Result<> read = *role == Role::kUser ? user_block(block, place) : model_block(block, place);
    if (!read) return read;
    ++place.block;
  }
  // What nothing follows belongs to what was said, or to the call of a message to come.
  if (!signature_.empty()) conversation_.model_signature(std::exchange(signature_, {}));
  return {};
}

Result<> MessageReader::user_block(json::Value block, const Place& place) {
  if (!block.is_object()) {
    if (!block.is_string()) return fail(wrong_type(place.path(), "an object", block));
    conversation_.user_text(block.escaped());
    return {};
  }
  const std::string_view type = block["type"].string_or("text");
  if (type == "text") {
    const json::Value text = block["text"];
    if (!text) return fail(required(place.path() + ".text.text"));
    if (!text.is_string()) return fail(wrong_type(place.path() + ".text", "a string", text));
    conversation_.user_text(text.escaped());
    return {};
  }
  if (type == "tool_result") return tool_result(block, place);
  UserSink sink(conversation_);
  if (type == "image") return read_image(block, place.path(), source_, sink);
  if (type == "document") return read_document(block, place.path(), source_, sink);
  if (type == "search_result") {
    read_search_result(block, source_, sink);
  } else if (type == "container_upload") {
    read_upload(block, place.path(), source_, sink);
  } else if (type == "tool_reference") {
    ToolResult said;
    ResultSink text(said);
    Result<> read = result_part(block, place, text);
    for (const std::string_view each : said.texts) conversation_.user_text(each);
    return read;
  } else if (block["text"].is_string()) {  // kinds of the future, as far as they are text
    conversation_.user_text(block["text"].escaped());
  }
  return {};
}

Result<> MessageReader::tool_result(json::Value block, const Place& place) {
  const json::Value id = block["tool_use_id"];
  if (!id.is_string()) return fail(required(place.path() + ".tool_result.tool_use_id"));
  ToolResult result{.id = id.string_or("")};
  result.failed = block["is_error"].boolean().value_or(false);
  ResultSink sink(result);
  const json::Value content = block["content"];
  if (content.is_string()) {
    sink.text(content.escaped(), content);
  } else if (content.is_array()) {
    for (const json::Value part : content) {
      if (Result<> read = result_part(part, place, sink); !read) return read;
    }
  } else if (content && !content.is_null()) {
    return fail(wrong_type(place.path() + ".tool_result.content", "a string or an array", content));
  }
  conversation_.tool_result(std::move(result));
  return {};
}

Result<> MessageReader::result_part(json::Value part, const Place& place, ResultSink& sink) {
  if (part.is_string()) {
    sink.text(part.escaped(), part);
    return {};
  }
  const std::string_view type = part["type"].string_or("text");
  if (type == "image") return read_image(part, place.path() + ".content", source_, sink);
  if (type == "document") return read_document(part, place.path() + ".content", source_, sink);
  if (type == "search_result") {
    read_search_result(part, source_, sink);
  } else if (type == "tool_reference") {
    tools_.push_back(part["tool_name"].string_or(""));
    std::string text = "Tool ";
    text.append(part["tool_name"].escaped()).append(" is now available.");
    sink.text(source_.keep(std::move(text)), {});
  } else if (const json::Value text = part["text"]; text.is_string()) {
    sink.text(text.escaped(), text);
  }
  return {};
}

Result<> MessageReader::model_block(json::Value block, const Place& place) {
  if (!block.is_object()) {
    if (!block.is_string()) return fail(wrong_type(place.path(), "an object", block));
    conversation_.model_text(block.escaped(), std::exchange(signature_, {}));
    return {};
  }
  const std::string_view type = block["type"].string_or("text");
  if (type == "text") {
    const json::Value text = block["text"];
    if (!text.is_string()) return fail(wrong_type(place.path() + ".text", "a string", text));
    if (!text.escaped().empty()) {
      conversation_.model_text(text.escaped(), std::exchange(signature_, {}));
    }
    return {};
  }
  if (type == "tool_use" || type == "mcp_tool_use") return tool_use(block, place);
  // A model that reads its thoughts as text starts to write them as text: only their
  // signatures go back.
  if (type == "thinking") {
    carrier(block["signature"].escaped());
  } else if (type == "redacted_thinking") {
    carrier(block["data"].escaped());
  } else if (type == "server_tool_use") {
    server_use(block);
  } else if (type == "compaction") {
    conversation_.model_text(block["content"].escaped());
  } else if (type.ends_with("_tool_result")) {
    server_result(block);
  } else if (block["text"].is_string()) {
    conversation_.model_text(block["text"].escaped());
  }
  return {};
}

Result<> MessageReader::tool_use(json::Value block, const Place& place) {
  const std::string_view name = block["name"].string_or("");
  if (name.empty()) return fail(required(place.path() + ".tool_use.name"));
  conversation_.model_call({.id = block["id"].string_or(""),
                            .name = name,
                            .arguments = block["input"],
                            .signature = std::exchange(signature_, {})});
  tools_.push_back(name);
  return {};
}

// What comes from Claude itself, or was damaged, is left out.
void MessageReader::carrier(std::string_view escaped) {
  if (is_wrapped(escaped)) signature_ = escaped;
}

// Gemini ran code as part of its answer: the code and what came of it stay readable.
// Searches leave nothing behind but the text that rests on them, as with Gemini itself.
void MessageReader::server_use(json::Value block) {
  const json::Value input = block["input"];
  if (input["code"].is_string()) {
    fenced("python", input["code"].escaped());
  } else if (input["command"].is_string() && block["name"].string_or("").starts_with("bash")) {
    fenced("bash", input["command"].escaped());
  }
}

void MessageReader::server_result(json::Value block) {
  const json::Value content = block["content"];
  references(content["tool_references"]);
  if (content["stdout"].is_string()) fenced("output", content["stdout"].escaped());
  if (block["type"].string_or("") != "mcp_tool_result") return;
  ToolResult result{.id = block["tool_use_id"].string_or("")};
  result.failed = block["is_error"].boolean().value_or(false);
  ResultSink sink(result);
  if (content.is_string()) sink.text(content.escaped(), content);
  for (const json::Value part : content) {
    if (part["text"].is_string()) sink.text(part["text"].escaped(), part["text"]);
  }
  conversation_.tool_result(std::move(result));
}

void MessageReader::fenced(std::string_view language, std::string_view escaped) {
  if (escaped.empty()) return;
  std::string text = "\\n```";
  text.append(language).append("\\n").append(escaped).append("\\n```\\n");
  conversation_.model_text(source_.keep(std::move(text)));
}

void MessageReader::references(json::Value list) {
  for (const json::Value reference : list) {
    if (reference["tool_name"].is_string()) {
      tools_.push_back(reference["tool_name"].string_or(""));
    }
  }
}

}  // namespace

Result<> read_conversation(const MessagesRequest& request, Source& source,
                           Conversation& conversation, std::vector<std::string_view>& tools) {
  MessageReader reader(source, conversation, tools);
  reader.system(request.system);
  std::size_t index = 0;
  for (const json::Value message : request.messages) {
    if (Result<> read = reader.message(message, index++); !read) return read;
  }
  return conversation.arrange();
}

}  // namespace wasat::dialect::anthropic
