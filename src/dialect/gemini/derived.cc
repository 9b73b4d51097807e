#include "dialect/gemini/derived.h"

#include <string>

#include "dialect/conversation/chosen.h"
#include "dialect/thinking.h"
#include "gemini/model_names.h"
#include "gemini/model_table.h"
#include "json/reader.h"
#include "json/writer.h"

namespace wasat::dialect::native {
namespace {

using Think = gemini::DerivedModel::Think;

// Google takes both spellings.
bool is_named(json::Value member, std::string_view name, std::string_view snake_case_name) {
  return member.key() == name || member.key() == snake_case_name;
}

json::Value member(json::Value object, std::string_view name, std::string_view snake_case_name) {
  const json::Value value = object[name];
  return value ? value : object[snake_case_name];
}

ThinkingWish wish_of(const gemini::DerivedModel& derived) {
  Generation generation;
  ToolPlan tools;
  apply_derived(derived, generation, tools);
  return generation.thinking;
}

void write_config(json::Writer& writer, json::Value config, const gemini::DerivedModel& derived,
                  const gemini::ModelFamily& family) {
  writer.key("generationConfig").begin_object();
  for (const json::Value each : config) writer.key_escaped(each.key()).raw(each.raw());
  if (!member(config, "thinkingConfig", "thinking_config")) {
    write_thinking_config(writer, family.thinking, wish_of(derived));
  }
  if (derived.image && !member(config, "responseModalities", "response_modalities")) {
    writer.key("responseModalities").raw(R"(["TEXT","IMAGE"])");
  }
  writer.end_object();
}

// Up to 2.5 a request with functions and a search is refused: functions win.
void write_tools(json::Writer& writer, json::Value tools, const gemini::ModelFamily& family) {
  bool search = true;
  for (const json::Value tool : tools) {
    const bool functions =
        static_cast<bool>(member(tool, "functionDeclarations", "function_declarations"));
    if (member(tool, "googleSearch", "google_search") || (functions && !family.third_generation)) {
      search = false;
    }
  }
  writer.key("tools").begin_array();
  for (const json::Value tool : tools) writer.raw(tool.raw());
  if (search) writer.raw(R"({"googleSearch":{}})");
  writer.end_array();
}

}  // namespace

bool is_derived(const gemini::DerivedModel& derived) {
  return derived.search || derived.image || derived.think != Think::kUnsaid || derived.budget;
}

Result<Body> derived_body(std::shared_ptr<const Buffer> bytes, const ChosenModel& chosen) {
  json::Document document;
  const Result<json::Value> root = document.parse(bytes->padded());
  if (!root) return fail(root.error());
  const gemini::ModelFamily& family = gemini::model_family(chosen.name);
  const gemini::DerivedModel& derived = chosen.derived;
  const bool configures = derived.image || derived.think != Think::kUnsaid || derived.budget;
  json::Value config;
  json::Value tools;
  std::string text;
  json::Splices splices;
  json::Writer writer(text, &splices);
  writer.begin_object();
  for (const json::Value each : *root) {
    if (each.key() == "model") {
      writer.member("model", gemini::model_resource(chosen.name));
    } else if (configures && is_named(each, "generationConfig", "generation_config") &&
               each.is_object()) {
      config = each;
    } else if (derived.search && each.key() == "tools" && each.is_array()) {
      tools = each;
    } else {
      writer.key_escaped(each.key()).raw(each.raw());
    }
  }
  if (configures) write_config(writer, config, derived, family);
  if (derived.search) write_tools(writer, tools, family);
  writer.end_object();
  return json::to_body(std::move(text), splices, std::move(bytes));
}

}  // namespace wasat::dialect::native
