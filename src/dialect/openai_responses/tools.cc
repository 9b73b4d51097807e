#include "dialect/openai_responses/tools.h"

#include <algorithm>
#include <array>

#include "base/body.h"
#include "dialect/fields.h"

namespace wasat::dialect::openai_responses {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

// As the tools' documentation has them (platform.openai.com/docs/guides/tools-local-shell,
// tools-shell, tools-apply-patch). Nothing in here is escaped, so that reading it
// changes nothing in the document.
constexpr std::string_view kClientTools = R"({
"local_shell": {
  "description": "Runs a command on the user's machine and gives its output.",
  "parameters": {"type": "object", "properties": {
    "command": {"type": "array", "items": {"type": "string"}, "description": "The program and its arguments."},
    "working_directory": {"type": "string"},
    "timeout_ms": {"type": "integer"},
    "env": {"type": "object", "additionalProperties": {"type": "string"}}},
    "required": ["command"]}},
"shell": {
  "description": "Runs shell commands on the user's machine, one after the other or at once, and gives the output of each.",
  "parameters": {"type": "object", "properties": {
    "commands": {"type": "array", "items": {"type": "string"}},
    "timeout_ms": {"type": "integer"},
    "max_output_length": {"type": "integer"}},
    "required": ["commands"]}},
"apply_patch": {
  "description": "Creates, updates or deletes one file of the user's.",
  "parameters": {"type": "object", "properties": {
    "type": {"type": "string", "enum": ["create_file", "update_file", "delete_file"]},
    "path": {"type": "string"},
    "diff": {"type": "string", "description": "For create_file every line of the file behind a plus sign; for update_file a V4A diff: lines of context behind a space, removed ones behind a minus, added ones behind a plus, sections begin with @@. Without file headers."}},
    "required": ["type", "path"]}}
})";

json::Value definition_of(ClientTool tool) {
  struct Definitions {
    std::shared_ptr<Buffer> text = Buffer::copy_of(kClientTools);
    json::Document document;
    json::Value root = document.parse(text->padded()).value();
  };
  thread_local Definitions definitions;
  return definitions.root[name_of(tool)];
}

class ToolReader {
 public:
  Result<> add(json::Value tool, const std::string& path, std::string_view space = {});
  // Behind all add(): a function of the same name is what the client wants called.
  void add_client_tools();
  Result<> choose(json::Value choice);
  OfferedTools take() && { return std::move(offered_); }

 private:
  Result<> add_function(json::Value tool, const std::string& path, std::string_view space,
                        bool custom);
  Result<> add_namespace(json::Value tool, const std::string& path);
  void add_hosted(std::string_view kind, json::Value tool);
  Result<> choose_allowed(json::Value choice);
  // Gemini's name of the tool that `choice` names; empty: it names none that is offered.
  std::string chosen(json::Value choice) const;

  OfferedTools offered_;
  std::vector<ClientTool> client_tools_;
};

Result<> ToolReader::add(json::Value tool, const std::string& path, std::string_view space) {
  if (!tool.is_object()) return fail(wrong_type(path, "an object", tool));
  const json::Value type = tool["type"];
  if (type && !type.is_string()) return fail(wrong_type(path + ".type", "a string", type));
  const std::string_view kind = type.string_or("function");
  if (offered_.plan.functions.size() >= kMaxTools) return fail(invalid("Too many tools.", "tools"));
  if (kind == "function" || kind == "custom") {
    // Some clients send chat's form, one level deeper.
    const json::Value inner = tool[kind].is_object() ? tool[kind] : tool;
    return add_function(inner, path, space, kind == "custom");
  }
  if (!space.empty()) return {};
  if (kind == "namespace") return add_namespace(tool, path);
  if (const ClientTool known = client_tool(kind); known != ClientTool::kNone) {
    // A shell in a container of OpenAI's is nothing that the client could carry out.
    const std::string_view environment = tool["environment"]["type"].string_or("local");
    if (environment == "local") client_tools_.push_back(known);
    return {};
  }
  add_hosted(kind, tool);
  return {};
}

Result<> ToolReader::add_function(json::Value tool, const std::string& path, std::string_view space,
                                  bool custom) {
  const json::Value name = tool["name"];
  if (!name.is_string()) return fail(wrong_type(path + ".name", "a string", name));
  if (name.escaped().empty()) return fail(invalid("A tool needs a name.", path + ".name"));
  const json::Value parameters = tool["parameters"];
  if (!custom && parameters && !parameters.is_null() && !parameters.is_object()) {
    return fail(wrong_type(path + ".parameters", "an object", parameters));
  }
  const json::Value description = tool["description"];
  if (description && !description.is_null() && !description.is_string()) {
    return fail(wrong_type(path + ".description", "a string", description));
  }
  const std::string_view client = name.string_or("");
  if (offered_.names->declared(client, space)) return {};  // found again by a tool search
  ToolPlan::Function function{.gemini_name = offered_.names->declare(client, space, custom),
                              .description = description,
                              .schema = custom ? json::Value{} : parameters,
                              .custom = custom};
  if (function.schema.is_null()) function.schema = {};
  if (function.description.is_null()) function.description = {};
  if (custom) {
    const json::Value format = tool["format"];
    const json::Value grammar =
        format["definition"] ? format["definition"] : format["grammar"]["definition"];
    if (grammar.is_string()) function.grammar = grammar;
  }
  offered_.plan.functions.push_back(function);
  return {};
}

Result<> ToolReader::add_namespace(json::Value tool, const std::string& path) {
  const json::Value name = tool["name"];
  if (!name.is_string()) return fail(wrong_type(path + ".name", "a string", name));
  const json::Value tools = tool["tools"];
  if (tools && !tools.is_null() && !tools.is_array()) {
    return fail(wrong_type(path + ".tools", "an array", tools));
  }
  std::size_t index = 0;
  for (const json::Value inner : tools) {
    const std::string inner_path = path + ".tools[" + std::to_string(index++) + "]";
    if (Result<> added = add(inner, inner_path, name.string_or("")); !added) return added;
  }
  return {};
}

void ToolReader::add_client_tools() {
  for (const ClientTool tool : client_tools_) {
    if (offered_.names->declared(name_of(tool))) continue;
    const json::Value definition = definition_of(tool);
    offered_.client.add(tool);
    offered_.plan.functions.push_back({.gemini_name = offered_.names->declare(name_of(tool)),
                                       .description = definition["description"],
                                       .schema = definition["parameters"]});
  }
}

// What OpenAI runs itself.
void ToolReader::add_hosted(std::string_view kind, json::Value tool) {
  if (kind.starts_with("web_search") || kind == "google_search") {
    // Codex asks for a search without the web: from a cache that Gemini does not have.
    if (tool["external_web_access"].boolean() != false) offered_.plan.search = true;
  } else if (kind == "code_interpreter" || kind.starts_with("code_execution")) {
    offered_.plan.code_execution = true;
  } else if (kind == "url_context" || kind.starts_with("web_fetch")) {
    offered_.plan.url_context = true;
  } else if (kind == "image_generation") {
    offered_.image_generation = true;
    offered_.image_options = tool;
  }
  // file_search, mcp, computer, tool_search and what comes in future: Gemini has
  // nothing of the kind, and most conversations go well without.
}

std::string ToolReader::chosen(json::Value choice) const {
  const std::string_view kind = choice["type"].string_or("function");
  const json::Value inner = choice[kind].is_object() ? choice[kind] : choice;
  std::string_view name = inner["name"].string_or("");
  const std::string_view space = inner["namespace"].string_or("");
  if (name.empty() && offered_.client.has(client_tool(kind))) name = kind;
  if (name.empty() || !offered_.names->declared(name, space)) return {};
  return offered_.names->to_gemini(name, space);
}

Result<> ToolReader::choose_allowed(json::Value choice) {
  const json::Value allowed =
      choice["allowed_tools"].is_object() ? choice["allowed_tools"] : choice;
  if (!allowed["tools"].is_array()) {
    return fail(wrong_type("tool_choice.tools", "an array", allowed["tools"]));
  }
  if (allowed["tools"].size() > kMaxTools) return fail(invalid("Too many tools.", "tool_choice"));
  std::vector<std::string> names;
  for (const json::Value tool : allowed["tools"]) {
    if (std::string name = chosen(tool); !name.empty()) names.push_back(std::move(name));
  }
  ToolPlan& plan = offered_.plan;
  if (allowed["mode"].string_or("auto") == "required") {
    plan.mode = ToolPlan::Mode::kAny;
    plan.allowed = std::move(names);
    return {};
  }
  // Gemini restricts names only when it must call one: declare no others.
  std::erase_if(plan.functions, [&names](const ToolPlan::Function& function) {
    return std::ranges::find(names, function.gemini_name) == names.end();
  });
  return {};
}

Result<> ToolReader::choose(json::Value choice) {
  if (!choice) return {};
  ToolPlan& plan = offered_.plan;
  if (choice.is_string()) {
    const std::string_view mode = choice.string_or("");
    if (mode == "none") {
      plan.mode = ToolPlan::Mode::kNone;
    } else if (mode == "required" || mode == "any") {
      plan.mode = ToolPlan::Mode::kAny;
    } else if (mode != "auto") {
      return fail(
          invalid("Invalid value for 'tool_choice'. Supported values are: 'none', 'auto' "
                  "and 'required'.",
                  "tool_choice"));
    }
    return {};
  }
  const std::string_view kind = choice["type"].string_or("");
  if (kind == "allowed_tools") return choose_allowed(choice);
  if (std::string name = chosen(choice); !name.empty()) {
    plan.mode = ToolPlan::Mode::kAny;
    plan.allowed.push_back(std::move(name));
    return {};
  }
  if (kind == "function" || kind == "custom") {
    return fail(invalid("Tool choice '" + std::string(choice["name"].string_or("")) +
                            "' not found in 'tools' parameter.",
                        "tool_choice"));
  }
  // A hosted tool: Gemini decides itself when to use its own.
  return {};
}

}  // namespace

std::string_view name_of(ClientTool tool) {
  constexpr std::array<std::string_view, 4> kNames = {"", "local_shell", "shell", "apply_patch"};
  return kNames[static_cast<std::size_t>(tool)];
}

ClientTool client_tool(std::string_view name) {
  if (name == "local_shell") return ClientTool::kLocalShell;
  if (name == "shell") return ClientTool::kShell;
  if (name == "apply_patch") return ClientTool::kApplyPatch;
  return ClientTool::kNone;
}

Result<OfferedTools> read_tools(json::Value tools, const std::vector<json::Value>& found,
                                json::Value choice) {
  ToolReader reader;
  std::size_t index = 0;
  for (const json::Value tool : tools) {
    const std::string path = "tools[" + std::to_string(index++) + "]";
    if (Result<> added = reader.add(tool, path); !added) return fail(added.error());
  }
  for (const json::Value tool : found) {
    // What a search has found was accepted before.
    (void)reader.add(tool, "input");
  }
  reader.add_client_tools();
  if (Result<> chosen = reader.choose(choice); !chosen) return fail(chosen.error());
  return std::move(reader).take();
}

}  // namespace wasat::dialect::openai_responses
