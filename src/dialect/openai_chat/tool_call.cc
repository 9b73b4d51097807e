#include "dialect/openai_chat/tool_call.h"

#include <algorithm>

#include "json/writer.h"

namespace wasat::dialect::openai_chat {
namespace {

constexpr std::size_t kMaxId = 64;  // OpenAI's own bound

bool is_id(std::string_view id) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !id.empty() && id.size() <= kMaxId && std::ranges::all_of(id, letter);
}

// The same value without white space.
void write_compact(json::Writer& writer, json::Value value) {
  if (value.is_object()) {
    writer.begin_object();
    for (const json::Value member : value) {
      const std::string_view key = member.raw_key();
      writer.key(key.substr(1, key.size() - 2));
      write_compact(writer, member);
    }
    writer.end_object();
  } else if (value.is_array()) {
    writer.begin_array();
    for (const json::Value element : value) write_compact(writer, element);
    writer.end_array();
  } else {
    writer.raw(value.raw());
  }
}

std::string escaped_arguments(json::Value args) {
  if (!args.is_object() || args.size() == 0) return "{}";
  std::string text;
  json::Writer writer(text);
  write_compact(writer, args);
  std::string escaped;
  json::append_escaped(escaped, text);
  return escaped;
}

}  // namespace

std::string derived_id(std::string_view seed, std::uint64_t number) {
  static constexpr char kLetters[] =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  std::uint64_t state = 0xcbf29ce484222325;  // FNV-1a
  for (const char c : seed) state = (state ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  state += number * 0x632be59bd9b4e019;
  std::string id;
  for (int i = 0; i < 24; ++i) {  // splitmix64
    std::uint64_t z = state += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    id += kLetters[(z ^ (z >> 31)) % 62];
  }
  return id;
}

ToolCall read_tool_call(json::Value function_call, std::string_view signature,
                        const AnswerShape& shape, std::size_t number) {
  ToolCall call{.signature = signature};
  const std::string_view id = function_call["id"].string_or("");
  call.id = is_id(id) ? std::string(id) : "call_" + derived_id(shape.context.id, number);
  const std::string_view name = function_call["name"].string_or("");
  const ToolNames::Tool* tool = shape.names == nullptr ? nullptr : shape.names->find(name);
  call.name = tool == nullptr ? name : tool->client;
  call.custom = tool != nullptr && tool->custom;
  if (const json::Value input = function_call["args"]["input"]; call.custom && input.is_string()) {
    call.arguments = input.escaped();
  } else {
    call.arguments = escaped_arguments(function_call["args"]);
  }
  return call;
}

void append_function(std::string& out, const ToolCall& call) {
  out += R"({"name":)";
  json::append_string(out, call.name);
  out += call.custom ? R"(,"input":")" : R"(,"arguments":")";
  out += call.arguments;
  out += "\"}";
}

void append_signature(std::string& out, std::string_view escaped_signature) {
  out += R"("extra_content":{"google":{"thought_signature":")";
  out += escaped_signature;
  out += "\"}}";
}

void append_tool_call(std::string& out, const ToolCall& call) {
  out += R"("id":")";
  out += call.id;
  out += call.custom ? R"(","type":"custom","custom":)" : R"(","type":"function","function":)";
  append_function(out, call);
  if (!call.signature.empty()) {
    out += ',';
    append_signature(out, call.signature);
  }
}

}  // namespace wasat::dialect::openai_chat
