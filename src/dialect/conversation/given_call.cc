#include "dialect/conversation/given_call.h"

#include <algorithm>

#include "json/writer.h"

namespace wasat::dialect {
namespace {

bool is_id(std::string_view id, std::size_t longest) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !id.empty() && id.size() <= longest && std::ranges::all_of(id, letter);
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

GivenCall given_call(json::Value function_call, std::string_view signature,
                     const AnswerShape& shape, std::uint32_t choice, std::size_t number) {
  GivenCall call{.raw = "{}", .signature = signature};
  const std::string_view id = function_call["id"].string_or("");
  if (is_id(id, shape.max_id)) {
    call.id = id;
  } else {
    const std::uint64_t place = (std::uint64_t{choice} << 32) + number;
    call.id = std::string(shape.id_prefix) + derived_id(shape.context.id, place);
  }
  const std::string_view name = function_call["name"].string_or("");
  const ToolNames::Tool* tool = shape.names == nullptr ? nullptr : shape.names->find(name);
  call.name = tool == nullptr ? name : tool->client;
  if (tool != nullptr) call.space = tool->space;
  call.custom = tool != nullptr && tool->custom;
  const json::Value args = function_call["args"];
  if (args.is_object()) call.raw = args.raw();
  if (const json::Value input = args["input"]; call.custom && input.is_string()) {
    call.arguments = input.escaped();
  } else {
    call.arguments = escaped_arguments(args);
  }
  return call;
}

}  // namespace wasat::dialect
