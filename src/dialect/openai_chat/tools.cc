#include "dialect/openai_chat/tools.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "dialect/schema/schema.h"

namespace wasat::dialect::openai_chat {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

std::string_view chosen_name(json::Value choice) {
  for (const std::string_view kind : {"function", "custom"}) {
    if (choice[kind].is_object()) return choice[kind]["name"].string_or("");
  }
  return choice["name"].string_or("");
}

class ToolsReader {
 public:
  ToolsReader(ToolPlan& plan, ToolNames& names, bool legacy)
      : plan_(plan), names_(names), legacy_(legacy) {}

  Result<> read(json::Value tools);
  Result<> choose(json::Value choice);

 private:
  Result<> add_tool(json::Value tool, const std::string& path);
  Result<> add_function(json::Value function, bool custom, const std::string& path);
  Result<> choose_mode(std::string_view mode);
  Result<> choose_allowed(json::Value choice);
  void declare();
  std::string_view choice_field() const { return legacy_ ? "function_call" : "tool_choice"; }

  ToolPlan& plan_;
  ToolNames& names_;
  const bool legacy_;
  std::vector<std::string_view> functions_;  // the client's names, as in plan_.functions
};

Result<> ToolsReader::read(json::Value tools) {
  std::size_t index = 0;
  for (const json::Value tool : tools) {
    const std::string path = (legacy_ ? "functions[" : "tools[") + std::to_string(index++) + "]";
    Result<> added = legacy_ ? add_function(tool, false, path) : add_tool(tool, path);
    if (!added) return added;
  }
  declare();
  return {};
}

Result<> ToolsReader::add_tool(json::Value tool, const std::string& path) {
  if (!tool.is_object()) return fail(wrong_type(path, "an object", tool));
  const json::Value type = tool["type"];
  if (type && !type.is_string()) return fail(wrong_type(path + ".type", "a string", type));
  const std::string_view kind = type.string_or("function");
  if (kind == "function") {
    const json::Value function = tool["function"] ? tool["function"] : tool;
    // A function of this name without parameters is a wide-spread way to ask for search.
    if (function["name"].string_or("") == "googleSearch" &&
        describes_nothing(function["parameters"])) {
      plan_.search = true;
      return {};
    }
    return add_function(function, false, path + (tool["function"] ? ".function" : ""));
  }
  if (kind == "custom") return add_function(tool["custom"], true, path + ".custom");
  if (kind.starts_with("web_search") || kind == "google_search") {
    plan_.search = true;
  } else if (kind == "code_interpreter" || kind.starts_with("code_execution")) {
    plan_.code_execution = true;
  } else if (kind == "url_context" || kind.starts_with("web_fetch")) {
    plan_.url_context = true;
  } else {
    return fail(invalid("Invalid value for '" + path +
                            ".type'. Supported values are: 'function', 'custom', 'web_search', "
                            "'code_interpreter' and 'url_context'.",
                        path + ".type"));
  }
  return {};
}

Result<> ToolsReader::add_function(json::Value function, bool custom, const std::string& path) {
  if (!function.is_object()) return fail(wrong_type(path, "an object", function));
  const json::Value name = function["name"];
  if (!name.is_string()) return fail(wrong_type(path + ".name", "a string", name));
  if (name.escaped().empty()) return fail(invalid("A tool needs a name.", path + ".name"));
  const json::Value parameters = function["parameters"];
  if (!custom && parameters && !parameters.is_null() && !parameters.is_object()) {
    return fail(wrong_type(path + ".parameters", "an object", parameters));
  }
  const json::Value description = function["description"];
  if (description && !description.is_null() && !description.is_string()) {
    return fail(wrong_type(path + ".description", "a string", description));
  }
  functions_.push_back(name.string_or(""));
  plan_.functions.push_back({.gemini_name = {},
                             .description = description,
                             .schema = parameters,
                             .custom = custom,
                             .grammar = function["format"]["grammar"]["definition"]});
  return {};
}

// Names that may stay have them first.
void ToolsReader::declare() {
  for (const bool may_stay : {true, false}) {
    for (std::size_t i = 0; i < functions_.size(); ++i) {
      if (ToolNames::may_stay(functions_[i]) != may_stay) continue;
      ToolPlan::Function& function = plan_.functions[i];
      function.gemini_name = names_.declare(functions_[i], {}, function.custom);
    }
  }
}

Result<> ToolsReader::choose(json::Value choice) {
  const std::string field(choice_field());
  if (!choice) return {};
  if (choice.is_string()) return choose_mode(choice.string_or(""));
  if (!choice.is_object()) return fail(wrong_type(field, "a string or an object", choice));
  if (choice["type"].string_or("") == "allowed_tools") return choose_allowed(choice);
  const std::string_view name = chosen_name(choice);
  if (name.empty()) return fail(invalid("'" + field + "' names no tool.", field));
  if (!names_.declared(name)) {
    return fail(invalid("'" + field + "' names a tool that 'tools' does not have.", field));
  }
  plan_.mode = ToolPlan::Mode::kAny;
  plan_.allowed.push_back(names_.to_gemini(name));
  return {};
}

Result<> ToolsReader::choose_mode(std::string_view mode) {
  if (mode == "none") {
    plan_.mode = ToolPlan::Mode::kNone;
  } else if (mode == "required" || mode == "any") {
    plan_.mode = ToolPlan::Mode::kAny;
  } else if (mode != "auto") {
    const std::string field(choice_field());
    return fail(invalid(
        "Invalid value for '" + field + "'. Supported values are: 'none', 'auto' and 'required'.",
        field));
  }
  return {};
}

Result<> ToolsReader::choose_allowed(json::Value choice) {
  const json::Value allowed =
      choice["allowed_tools"].is_object() ? choice["allowed_tools"] : choice;
  if (!allowed["tools"].is_array()) {
    return fail(wrong_type("tool_choice.allowed_tools.tools", "an array", allowed["tools"]));
  }
  if (allowed["tools"].size() > kMaxTools) {
    return fail(invalid("Too many tools.", "tool_choice.allowed_tools.tools"));
  }
  std::vector<std::string> names;
  for (const json::Value tool : allowed["tools"]) {
    if (const std::string_view name = chosen_name(tool); !name.empty()) {
      names.push_back(names_.to_gemini(name));
    }
  }
  if (allowed["mode"].string_or("auto") == "required") {
    plan_.mode = ToolPlan::Mode::kAny;
    plan_.allowed = std::move(names);
    return {};
  }
  // Gemini restricts names only when it must call one: declare no others.
  std::erase_if(plan_.functions, [&names](const ToolPlan::Function& function) {
    return std::ranges::find(names, function.gemini_name) == names.end();
  });
  return {};
}

}  // namespace

Result<> read_tools(Fields& root, ChatRequest& request, ToolNames& names) {
  json::Value tools = root.array("tools");
  json::Value choice = root.any("tool_choice");
  if (!tools) {
    if (const json::Value functions = root.array("functions")) {
      tools = functions;
      choice = root.any("function_call");
      request.legacy_functions = true;
    }
  }
  request.tools.search = static_cast<bool>(root.object("web_search_options"));
  if (root.problem()) return fail(*root.problem());
  if (tools.size() > kMaxTools) return fail(invalid("Too many tools.", "tools"));
  ToolsReader reader(request.tools, names, request.legacy_functions);
  if (Result<> read = reader.read(tools); !read) return read;
  return reader.choose(choice);
}

}  // namespace wasat::dialect::openai_chat
