#include "dialect/gemini/derived.h"

#include <string>
#include <utility>

#include "dialect/conversation/chosen.h"
#include "dialect/thinking.h"
#include "json/writer.h"

namespace wasat::dialect::native {
namespace {

// Google takes names in both spellings.
json::Value either(json::Value object, std::string_view camel, std::string_view snake) {
  const json::Value value = object[camel];
  return value ? value : object[snake];
}

class DerivedEdits {
 public:
  DerivedEdits(json::Value root, std::string_view whole, const gemini::ModelFamily& family)
      : root_(root), whole_(whole), family_(family) {}

  void add_search();
  void add_images();
  void add_thinking(const gemini::DerivedModel& derived);
  std::vector<Edit> finish();

 private:
  std::size_t place_of(std::string_view raw) const {
    return static_cast<std::size_t>(raw.data() - whole_.data());
  }
  // `text` behind the opening bracket of `value`, an object or an array.
  void insert(json::Value value, std::string text) {
    if (value.size() != 0) text += ',';
    edits_.push_back({.begin = place_of(value.raw()) + 1, .length = 0, .text = std::move(text)});
  }
  json::Value generation() const { return either(root_, "generationConfig", "generation_config"); }

  const json::Value root_;
  const std::string_view whole_;
  const gemini::ModelFamily& family_;
  std::vector<Edit> edits_;
  // Members for objects that may not be there: joined by commas.
  std::string of_root_;
  std::string of_generation_;
};

void add_member(std::string& members, std::string_view member) {
  if (!members.empty()) members += ',';
  members += member;
}

void DerivedEdits::add_search() {
  const json::Value tools = root_["tools"];
  bool functions = false;
  for (const json::Value tool : tools) {
    if (either(tool, "googleSearch", "google_search")) return;
    functions |= static_cast<bool>(either(tool, "functionDeclarations", "function_declarations"));
  }
  // Up to 2.5 the upstream refuses both, and functions are what the client waits for.
  if (functions && !family_.third_generation) return;
  if (tools.is_array()) {
    insert(tools, R"({"googleSearch":{}})");
  } else {
    add_member(of_root_, R"("tools":[{"googleSearch":{}}])");
  }
  if (!functions) return;
  const json::Value config = either(root_, "toolConfig", "tool_config");
  if (!config.is_object()) {
    add_member(of_root_, R"("toolConfig":{"includeServerSideToolInvocations":true})");
  } else if (!either(config, "includeServerSideToolInvocations",
                     "include_server_side_tool_invocations")) {
    insert(config, R"("includeServerSideToolInvocations":true)");
  }
}

void DerivedEdits::add_images() {
  if (either(generation(), "responseModalities", "response_modalities")) return;
  add_member(of_generation_, R"("responseModalities":["TEXT","IMAGE"])");
}

void DerivedEdits::add_thinking(const gemini::DerivedModel& derived) {
  const json::Value own = either(generation(), "thinkingConfig", "thinking_config");
  Generation wished;
  ThinkingWish& wish = wished.thinking;
  wish.budget = either(own, "thinkingBudget", "thinking_budget").integer();
  const std::string level(either(own, "thinkingLevel", "thinking_level").string_or(""));
  if (!level.empty()) wish.effort = Effort::kHigh;  // which one is not asked
  wish.include_thoughts = either(own, "includeThoughts", "include_thoughts").boolean();
  const ThinkingWish before = wish;
  ToolPlan no_tools;
  apply_derived(derived, wished, no_tools);
  const bool same = wish.effort == before.effort && wish.budget == before.budget &&
                    wish.include_thoughts == before.include_thoughts;
  using Think = gemini::DerivedModel::Think;
  if (same && (derived.think == Think::kUnsaid || derived.think == Think::kShown)) return;
  std::string config;
  json::Writer writer(config);
  writer.begin_object();
  write_thinking_config(writer, family_.thinking, wish);
  writer.end_object();
  if (config == "{}") return;
  config = config.substr(1, config.size() - 2);  // one member
  if (!own) {
    add_member(of_generation_, config);
    return;
  }
  const std::string_view raw = own.raw();
  edits_.push_back(
      {.begin = place_of(raw), .length = raw.size(), .text = config.substr(config.find(':') + 1)});
}

std::vector<Edit> DerivedEdits::finish() {
  if (!of_generation_.empty()) {
    if (const json::Value config = generation(); config.is_object()) {
      insert(config, std::move(of_generation_));
    } else if (!config) {
      add_member(of_root_, R"("generationConfig":{)" + of_generation_ + "}");
    }
  }
  if (!of_root_.empty()) insert(root_, std::move(of_root_));
  return std::move(edits_);
}

}  // namespace

std::vector<Edit> derived_edits(json::Value root, std::string_view whole,
                                const gemini::DerivedModel& derived,
                                const gemini::ModelFamily& family) {
  DerivedEdits edits(root, whole, family);
  if (derived.search) edits.add_search();
  if (derived.image) edits.add_images();
  if (derived.think != gemini::DerivedModel::Think::kUnsaid || derived.budget) {
    edits.add_thinking(derived);
  }
  return edits.finish();
}

}  // namespace wasat::dialect::native
