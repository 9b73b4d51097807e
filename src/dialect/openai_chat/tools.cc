#include "dialect/openai_chat/tools.h"

#include <algorithm>

#include "dialect/fields.h"
#include "dialect/schema.h"

namespace wasat::dialect::openai_chat {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

std::string_view name_of(const ToolPlan::Function& function) {
  return function.value["name"].string_or("");
}

Result<> add_function(ToolPlan& plan, json::Value function, bool custom, const std::string& path) {
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
  plan.functions.push_back({.value = function, .custom = custom});
  return {};
}

Result<> add_tool(ToolPlan& plan, json::Value tool, const std::string& path) {
  if (!tool.is_object()) return fail(wrong_type(path, "an object", tool));
  const json::Value type = tool["type"];
  if (type && !type.is_string()) return fail(wrong_type(path + ".type", "a string", type));
  const std::string_view kind = type.string_or("function");
  if (kind == "function") {
    const json::Value function = tool["function"] ? tool["function"] : tool;
    // A function of this name without parameters is a wide-spread way to ask for search.
    if (function["name"].string_or("") == "googleSearch" &&
        describes_nothing(function["parameters"])) {
      plan.search = true;
      return {};
    }
    return add_function(plan, function, false, path + (tool["function"] ? ".function" : ""));
  }
  if (kind == "custom") return add_function(plan, tool["custom"], true, path + ".custom");
  if (kind.starts_with("web_search") || kind == "google_search") {
    plan.search = true;
  } else if (kind == "code_interpreter" || kind.starts_with("code_execution")) {
    plan.code_execution = true;
  } else if (kind == "url_context" || kind.starts_with("web_fetch")) {
    plan.url_context = true;
  } else {
    return fail(invalid("Invalid value for '" + path +
                            ".type'. Supported values are: 'function', 'custom', 'web_search', "
                            "'code_interpreter' and 'url_context'.",
                        path + ".type"));
  }
  return {};
}

std::string_view chosen_name(json::Value choice) {
  for (const std::string_view kind : {"function", "custom"}) {
    if (choice[kind].is_object()) return choice[kind]["name"].string_or("");
  }
  return choice["name"].string_or("");
}

Result<> choose_allowed(ToolPlan& plan, json::Value choice) {
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
    if (const std::string_view name = chosen_name(tool); !name.empty()) names.emplace_back(name);
  }
  if (allowed["mode"].string_or("auto") == "required") {
    plan.mode = ToolPlan::Mode::kAny;
    plan.allowed = std::move(names);
    return {};
  }
  // Gemini restricts names only when it must call one: declare no others.
  std::erase_if(plan.functions, [&names](const ToolPlan::Function& function) {
    return std::ranges::find(names, name_of(function)) == names.end();
  });
  return {};
}

Result<> choose(ToolPlan& plan, const ChatRequest& request, const ToolNames& names) {
  const json::Value choice = request.tool_choice;
  const std::string param = request.legacy_functions ? "function_call" : "tool_choice";
  if (!choice) return {};
  if (choice.is_string()) {
    const std::string_view mode = choice.string_or("");
    if (mode == "none") {
      plan.mode = ToolPlan::Mode::kNone;
    } else if (mode == "required" || mode == "any") {
      plan.mode = ToolPlan::Mode::kAny;
    } else if (mode != "auto") {
      return fail(invalid(
          "Invalid value for '" + param + "'. Supported values are: 'none', 'auto' and 'required'.",
          param));
    }
    return {};
  }
  if (choice["type"].string_or("") == "allowed_tools") return choose_allowed(plan, choice);
  const std::string_view name = chosen_name(choice);
  if (name.empty()) return fail(invalid("'" + param + "' names no tool.", param));
  if (!names.declared(name)) {
    return fail(invalid("'" + param + "' names a tool that 'tools' does not have.", param));
  }
  plan.mode = ToolPlan::Mode::kAny;
  plan.allowed.emplace_back(name);
  return {};
}

void write_custom_parameters(json::Writer& writer, json::Value tool) {
  writer.key("parametersJsonSchema").begin_object().member("type", "object");
  writer.key("properties").begin_object().key("input").begin_object().member("type", "string");
  if (const json::Value grammar = tool["format"]["grammar"]["definition"]; grammar.is_string()) {
    writer.key("description").escaped_string({"It must match this grammar:\\n", grammar.escaped()});
  }
  writer.end_object().end_object();
  writer.key("required").begin_array().string("input").end_array().end_object();
}

void write_declarations(json::Writer& writer, const ToolPlan& plan, const ToolNames& names) {
  writer.begin_object().key("functionDeclarations").begin_array();
  for (const ToolPlan::Function& function : plan.functions) {
    writer.begin_object().member("name", names.to_gemini(name_of(function)));
    if (const json::Value text = function.value["description"]; text.is_string()) {
      writer.key("description").escaped_string(text.escaped());
    }
    if (function.custom) {
      write_custom_parameters(writer, function.value);
    } else if (const json::Value schema = function.value["parameters"];
               schema.is_object() && !describes_nothing(schema)) {
      writer.key("parametersJsonSchema");
      write_schema(writer, schema);
    }
    writer.end_object();
  }
  writer.end_array().end_object();
}

}  // namespace

Result<ToolPlan> plan_tools(const ChatRequest& request, const ToolNames& names,
                            const gemini::ModelFamily& family) {
  ToolPlan plan{.search = request.web_search};
  std::size_t index = 0;
  for (const json::Value tool : request.tools) {
    const std::string path =
        (request.legacy_functions ? "functions[" : "tools[") + std::to_string(index++) + "]";
    Result<> added = request.legacy_functions ? add_function(plan, tool, false, path)
                                              : add_tool(plan, tool, path);
    if (!added) return fail(added.error());
  }
  if (Result<> chosen = choose(plan, request, names); !chosen) return fail(chosen.error());
  // Up to 2.5 a request with both is refused, and functions are what the client waits for.
  if (!family.third_generation && !plan.functions.empty()) {
    plan.search = plan.code_execution = plan.url_context = false;
  }
  return plan;
}

void write_tools(json::Writer& writer, const ToolPlan& plan, const ToolNames& names) {
  const bool functions = !plan.functions.empty();
  if (!functions && !plan.has_builtin()) return;
  writer.key("tools").begin_array();
  if (functions) write_declarations(writer, plan, names);
  const auto builtin = [&writer](std::string_view name) {
    writer.begin_object().key(name).begin_object().end_object().end_object();
  };
  if (plan.search) builtin("googleSearch");
  if (plan.url_context) builtin("urlContext");
  if (plan.code_execution) builtin("codeExecution");
  writer.end_array();

  const bool both = functions && plan.has_builtin();
  if (!functions || (plan.mode == ToolPlan::Mode::kAuto && !both)) return;
  writer.key("toolConfig").begin_object();
  writer.key("functionCallingConfig").begin_object();
  switch (plan.mode) {
    case ToolPlan::Mode::kAuto:
      // Built-in tools beside functions want the calls validated.
      writer.member("mode", "VALIDATED");
      break;
    case ToolPlan::Mode::kNone:
      writer.member("mode", "NONE");
      break;
    case ToolPlan::Mode::kAny:
      writer.member("mode", "ANY");
      break;
  }
  if (plan.mode == ToolPlan::Mode::kAny && !plan.allowed.empty()) {
    writer.key("allowedFunctionNames").begin_array();
    for (const std::string& name : plan.allowed) writer.string(names.to_gemini(name));
    writer.end_array();
  }
  writer.end_object();
  if (both) writer.member("includeServerSideToolInvocations", true);
  writer.end_object();
}

}  // namespace wasat::dialect::openai_chat
