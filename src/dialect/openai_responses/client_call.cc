#include "dialect/openai_responses/client_call.h"

#include "base/body.h"
#include "json/reader.h"
#include "json/writer.h"

namespace wasat::dialect::openai_responses {
namespace {

// An array of strings; a single string becomes the last of `around` and it.
void write_strings(json::Writer& writer, json::Value value,
                   std::initializer_list<std::string_view> around) {
  writer.begin_array();
  if (value.is_string()) {
    for (const std::string_view before : around) writer.string(before);
    writer.escaped_string(value.escaped());
  }
  if (value.is_array()) {
    for (const json::Value each : value) {
      if (each.is_string()) writer.escaped_string(each.escaped());
    }
  }
  writer.end_array();
}

void write_number(json::Writer& writer, std::string_view name, json::Value value) {
  writer.key(name);
  if (const auto number = value.integer()) {
    writer.number(*number);
  } else {
    writer.null();
  }
}

void write_local_shell(json::Writer& writer, json::Value arguments) {
  writer.key("action").begin_object().member("type", "exec").key("command");
  write_strings(writer, arguments["command"], {"bash", "-lc"});
  writer.key("env").begin_object();
  for (const json::Value variable : arguments["env"]) {
    if (!variable.is_string()) continue;
    writer.key_escaped(variable.key()).escaped_string(variable.escaped());
  }
  writer.end_object();
  write_number(writer, "timeout_ms", arguments["timeout_ms"]);
  if (const json::Value folder = arguments["working_directory"]; folder.is_string()) {
    writer.key("working_directory").escaped_string(folder.escaped());
  }
  writer.end_object();
}

void write_shell(json::Writer& writer, json::Value arguments) {
  writer.key("action").begin_object().key("commands");
  write_strings(writer, arguments["commands"], {});
  write_number(writer, "timeout_ms", arguments["timeout_ms"]);
  write_number(writer, "max_output_length", arguments["max_output_length"]);
  writer.end_object();
}

void write_operation(json::Writer& writer, json::Value arguments, bool with_diff) {
  const std::string_view type = arguments["type"].string_or("update_file");
  writer.key("operation").begin_object().member("type", type);
  writer.key("path").escaped_string(arguments["path"].escaped());
  if (type != "delete_file") {
    writer.key("diff").escaped_string(with_diff ? arguments["diff"].escaped() : std::string_view{});
  }
  writer.end_object();
}

// Without the braces around them.
std::string members(auto&& write) {
  std::string text;
  json::Writer writer(text);
  writer.begin_object();
  write(writer);
  writer.end_object();
  return text.substr(1, text.size() - 2);
}

}  // namespace

ClientCall read_client_call(ClientTool tool, std::string_view arguments) {
  const auto text = Buffer::copy_of(arguments);
  json::Document document;
  const auto root = document.parse(text->padded());
  const json::Value object = root ? *root : json::Value{};
  ClientCall call;
  switch (tool) {
    case ClientTool::kNone:
    case ClientTool::kLocalShell:
      call.id_prefix = "lsh";
      call.action = members([&](json::Writer& writer) { write_local_shell(writer, object); });
      break;
    case ClientTool::kShell:
      call.id_prefix = "sh";
      call.action = members([&](json::Writer& writer) { write_shell(writer, object); });
      break;
    case ClientTool::kApplyPatch:
      call.id_prefix = "apc";
      call.action = members([&](json::Writer& writer) { write_operation(writer, object, true); });
      call.without_diff =
          members([&](json::Writer& writer) { write_operation(writer, object, false); });
      call.diff = object["diff"].escaped();
      break;
  }
  return call;
}

}  // namespace wasat::dialect::openai_responses
