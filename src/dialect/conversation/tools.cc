#include "dialect/conversation/tools.h"

#include <algorithm>

#include "dialect/schema/schema.h"

namespace wasat::dialect {
namespace {

// The field for JSON Schema; the older one takes a part of OpenAPI.
constexpr std::string_view parameters_field(const gemini::ModelFamily& family) {
  return family.openapi_schemas ? "parameters" : "parametersJsonSchema";
}

void write_custom_parameters(json::Writer& writer, json::Value grammar) {
  writer.begin_object().member("type", "object");
  writer.key("properties").begin_object().key("input").begin_object().member("type", "string");
  if (grammar.is_string()) {
    writer.key("description").escaped_string({"It must match this grammar:\\n", grammar.escaped()});
  }
  writer.end_object().end_object();
  writer.key("required").begin_array().string("input").end_array().end_object();
}

void write_declaration(json::Writer& writer, const ToolPlan::Function& function,
                       const gemini::ModelFamily& family) {
  writer.begin_object().member("name", function.gemini_name);
  if (function.description.is_string()) {
    writer.key("description").escaped_string(function.description.escaped());
  }
  if (function.custom) {
    writer.key(parameters_field(family));
    write_custom_parameters(writer, function.grammar);
  } else if (function.schema.is_object() && !describes_nothing(function.schema)) {
    writer.key(parameters_field(family));
    if (family.openapi_schemas) {
      write_openapi_parameters(writer, function.schema);
    } else {
      write_schema(writer, function.schema);
    }
  }
  writer.end_object();
}

// Gemini refuses a name that is there twice. Names of ToolNames are told by their place.
bool declared_before(const std::vector<ToolPlan::Function>& functions,
                     std::vector<ToolPlan::Function>::const_iterator function) {
  return std::any_of(functions.begin(), function, [&](const ToolPlan::Function& before) {
    return before.gemini_name.data() == function->gemini_name.data();
  });
}

void write_mode(json::Writer& writer, ToolPlan::Mode mode) {
  switch (mode) {
    case ToolPlan::Mode::kAuto:
    case ToolPlan::Mode::kValidated:
      writer.member("mode", "VALIDATED");
      break;
    case ToolPlan::Mode::kNone:
      writer.member("mode", "NONE");
      break;
    case ToolPlan::Mode::kAny:
      writer.member("mode", "ANY");
      break;
  }
}

}  // namespace

void write_tools(json::Writer& writer, ToolPlan plan, const gemini::ModelFamily& family,
                 gemini::Call& call) {
  const bool functions = !plan.functions.empty();
  if (functions && !family.third_generation) {
    plan.search = plan.code_execution = plan.url_context = false;
  }
  call.may_search = plan.search;
  if (!plan.any()) return;
  writer.key("tools").begin_array();
  if (functions) {
    writer.begin_object().key("functionDeclarations").begin_array();
    for (auto function = plan.functions.begin(); function != plan.functions.end(); ++function) {
      if (!declared_before(plan.functions, function)) write_declaration(writer, *function, family);
    }
    writer.end_array().end_object();
  }
  const auto builtin = [&writer](std::string_view name) {
    writer.begin_object().key(name).begin_object().end_object().end_object();
  };
  if (plan.search) builtin("googleSearch");
  if (plan.url_context) builtin("urlContext");
  if (plan.code_execution) builtin("codeExecution");
  writer.end_array();

  // Built-in tools beside functions want the calls validated, and to be told of.
  const bool both = functions && plan.has_builtin();
  if (!functions || (plan.mode == ToolPlan::Mode::kAuto && !both)) return;
  writer.key("toolConfig").begin_object();
  writer.key("functionCallingConfig").begin_object();
  write_mode(writer, plan.mode);
  if (plan.mode == ToolPlan::Mode::kAny && !plan.allowed.empty()) {
    writer.key("allowedFunctionNames").begin_array();
    for (const std::string& name : plan.allowed) writer.string(name);
    writer.end_array();
  }
  writer.end_object();
  if (both) writer.member("includeServerSideToolInvocations", true);
  writer.end_object();
}

}  // namespace wasat::dialect
