#include "dialect/anthropic/tools.h"

#include <algorithm>
#include <utility>

#include "dialect/anthropic/client_tools.h"
#include "dialect/fields.h"
#include "json/writer.h"

namespace wasat::dialect::anthropic {
namespace {

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

std::string path_of(std::size_t index) { return "tools." + std::to_string(index); }

class ToolReader {
 public:
  ToolReader(json::Value tools, const std::vector<std::string_view>& known, Offer& offer)
      : known_(known), offer_(offer) {
    for (const json::Value tool : tools) {
      const bool deferred = is_deferred(tool);
      any_deferred_ = any_deferred_ || deferred;
      if (!deferred && has_function(tool)) any_at_once_ = true;
      if (type_of(tool).starts_with("tool_search_tool")) searches_ = true;
    }
  }

  // Before add(): names that may stay as they are.
  void reserve(json::Value tool);
  Result<> add(json::Value tool, std::size_t index);
  bool strict() const { return strict_; }

 private:
  static std::string_view type_of(json::Value tool) { return tool["type"].string_or("custom"); }
  static bool is_deferred(json::Value tool) {
    return tool["defer_loading"].boolean().value_or(false);
  }
  static bool has_function(json::Value tool) { return type_of(tool) == "custom"; }

  bool is_offered(json::Value tool, std::string_view name) const;
  Result<> add_function(json::Value tool, std::string_view gemini_name, std::size_t index);
  void add_client_tool(const ClientTool& known, json::Value tool, std::string_view gemini_name);

  const std::vector<std::string_view>& known_;
  Offer& offer_;
  bool any_deferred_ = false;
  bool any_at_once_ = false;  // there is a tool that is not deferred
  bool searches_ = false;     // Anthropic itself was to search for tools
  bool strict_ = false;
};

// Claude Code declares this one so that there is something deferred at all.
constexpr std::string_view kPlaceholder = "DeferredToolPlaceholder";

bool ToolReader::is_offered(json::Value tool, std::string_view name) const {
  if (!any_deferred_ || !is_deferred(tool)) return true;
  if (name == kPlaceholder) return false;
  return searches_ || !any_at_once_ || std::ranges::find(known_, name) != known_.end();
}

void ToolReader::reserve(json::Value tool) {
  const std::string_view name = tool["name"].string_or("");
  const std::string_view type = type_of(tool);
  const bool function = type == "custom" || find_client_tool(type) != nullptr;
  if (function && ToolNames::may_stay(name) && is_offered(tool, name)) offer_.names->declare(name);
}

Result<> ToolReader::add(json::Value tool, std::size_t index) {
  if (!tool.is_object()) return fail(wrong_type(path_of(index), "an object", tool));
  const std::string_view type = type_of(tool);
  if (type.starts_with("web_search")) {
    offer_.plan.search = true;
  } else if (type.starts_with("web_fetch")) {
    offer_.plan.url_context = true;
  } else if (type.starts_with("code_execution")) {
    offer_.plan.code_execution = true;
  } else {
    const std::string_view name = tool["name"].string_or("");
    // Kinds of tools that nobody here knows are not offered, and break nothing.
    const ClientTool* client = find_client_tool(type);
    if (type != "custom" && client == nullptr && !tool["input_schema"].is_object()) return {};
    if (name.empty()) {
      const std::string path = path_of(index) + ".name";
      return fail(invalid(path + ": Field required", path));
    }
    if (!is_offered(tool, name)) return {};
    const std::string_view gemini_name = offer_.names->declare(name);
    if (std::ranges::find(offer_.plan.functions, gemini_name, &ToolPlan::Function::gemini_name) !=
        offer_.plan.functions.end()) {
      return {};  // a second tool of this name
    }
    if (type == "custom" || client == nullptr) return add_function(tool, gemini_name, index);
    add_client_tool(*client, tool, gemini_name);
  }
  return {};
}

Result<> ToolReader::add_function(json::Value tool, std::string_view gemini_name,
                                  std::size_t index) {
  const json::Value schema = tool["input_schema"];
  if (schema && !schema.is_null() && !schema.is_object()) {
    return fail(wrong_type(path_of(index) + ".input_schema", "an object", schema));
  }
  const json::Value description = tool["description"];
  strict_ = strict_ || tool["strict"].boolean().value_or(false);
  offer_.plan.functions.push_back(
      {.gemini_name = gemini_name,
       .description = description.is_string() ? description : json::Value{},
       .schema = schema.is_object() ? schema : json::Value{}});
  return {};
}

void ToolReader::add_client_tool(const ClientTool& known, json::Value tool,
                                 std::string_view gemini_name) {
  std::string description(known.description);
  const auto width = tool["display_width_px"].integer();
  const auto height = tool["display_height_px"].integer();
  if (width && height) {
    description +=
        " The screen has " + std::to_string(*width) + " x " + std::to_string(*height) + " pixels.";
  }
  std::string text = R"({"description":)";
  json::append_string(text, description);
  text.append(R"(,"schema":)").append(known.schema).append("}");
  const auto buffer = offer_.texts.emplace_back(Buffer::copy_of(text));
  const Result<json::Value> root = offer_.documents.emplace_back().parse(buffer->padded());
  if (!root) return;  // our own text
  offer_.plan.functions.push_back({.gemini_name = gemini_name,
                                   .description = (*root)["description"],
                                   .schema = (*root)["schema"]});
}

// Tools that Google runs cannot be forced: the model chooses those itself.
bool is_server_tool(json::Value tools, std::string_view name) {
  for (const json::Value tool : tools) {
    if (tool["name"].string_or("") == name && tool["type"].is_string()) return true;
  }
  return false;
}

Result<> choose(const MessagesRequest& request, Offer& offer) {
  ToolPlan& plan = offer.plan;
  const json::Value choice = request.tool_choice;
  const std::string_view type = choice["type"].string_or("auto");
  if (type == "none") {
    plan.mode = ToolPlan::Mode::kNone;
  } else if (type == "any") {
    plan.mode = ToolPlan::Mode::kAny;
  } else if (type == "tool") {
    const std::string_view name = choice["name"].string_or("");
    if (name.empty()) {
      return fail(invalid("tool_choice.tool.name: Field required", "tool_choice.tool.name"));
    }
    if (offer.names != nullptr && offer.names->declared(name)) {
      plan.mode = ToolPlan::Mode::kAny;
      plan.allowed.push_back(offer.names->to_gemini(name));
    } else if (!is_server_tool(request.tools, name)) {
      return fail(invalid(
          "tool_choice.tool.name: Tool '" + std::string(name) + "' not found in provided tools",
          "tool_choice.tool.name"));
    }
  } else if (type != "auto") {
    return fail(invalid("tool_choice: Input tag '" + std::string(type.substr(0, 64)) +
                            "' found using 'type' does not match any of the expected tags: "
                            "'auto', 'any', 'tool', 'none'",
                        "tool_choice.type"));
  }
  return {};
}

}  // namespace

Result<> read_tools(const MessagesRequest& request, const std::vector<std::string_view>& known,
                    Offer& offer) {
  if (request.tools.size() > kMaxTools) {
    return fail(invalid("tools: there are too many", "tools"));
  }
  if (request.tools.size() == 0) return choose(request, offer);
  offer.names = std::make_shared<ToolNames>();
  std::vector<std::string_view> names = known;
  if (const json::Value name = request.tool_choice["name"]; name.is_string()) {
    names.push_back(name.string_or(""));  // who forces a tool wants it offered
  }
  ToolReader reader(request.tools, names, offer);
  for (const json::Value tool : request.tools) reader.reserve(tool);
  std::size_t index = 0;
  for (const json::Value tool : request.tools) {
    if (Result<> added = reader.add(tool, index++); !added) return added;
  }
  if (reader.strict()) offer.plan.mode = ToolPlan::Mode::kValidated;
  return choose(request, offer);
}

}  // namespace wasat::dialect::anthropic
