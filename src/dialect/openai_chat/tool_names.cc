#include "dialect/openai_chat/tool_names.h"

#include <algorithm>

namespace wasat::dialect::openai_chat {
namespace {

constexpr std::size_t kMaxName = 128;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool may_stand(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '-';
}

bool is_clean(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), may_stand);
}

std::string rewritten(std::string_view name) {
  std::string clean(name.substr(0, kMaxName - 8));  // room for what makes it unique
  std::replace_if(clean.begin(), clean.end(), [](char c) { return !may_stand(c); }, '_');
  if (clean.empty() || !is_letter(clean.front())) clean.insert(0, 1, '_');
  return clean;
}

}  // namespace

ToolNames::ToolNames(json::Value tools) {
  for (const json::Value tool : tools) {
    const bool custom = tool["type"].string_or("") == "custom";
    json::Value name = tool[custom ? "custom" : "function"]["name"];
    if (!name) name = tool["name"];
    if (!name.string_or("").empty()) {
      tools_.push_back({.client = std::string(*name.string()), .gemini = {}, .custom = custom});
    }
  }
  // Names that may stay have them first.
  for (Tool& tool : tools_) {
    if (is_clean(tool.client)) tool.gemini = tool.client;
  }
  for (Tool& tool : tools_) {
    if (!tool.gemini.empty()) continue;
    const std::string base = rewritten(tool.client);
    std::string unique = base;
    for (int n = 2; taken(unique); ++n) unique = base + "_" + std::to_string(n);
    tool.gemini = unique;
  }
}

bool ToolNames::taken(std::string_view gemini_name) const {
  return std::ranges::any_of(tools_, [&](const Tool& tool) { return tool.gemini == gemini_name; });
}

std::string ToolNames::to_gemini(std::string_view name) const {
  for (const Tool& tool : tools_) {
    if (tool.client == name) return tool.gemini;
  }
  return is_clean(name) ? std::string(name) : rewritten(name);
}

const ToolNames::Tool* ToolNames::find(std::string_view gemini_name) const {
  for (const Tool& tool : tools_) {
    if (tool.gemini == gemini_name) {
      return tool.custom || tool.client != tool.gemini ? &tool : nullptr;
    }
  }
  return nullptr;
}

bool ToolNames::declared(std::string_view client_name) const {
  return std::ranges::any_of(tools_, [&](const Tool& tool) { return tool.client == client_name; });
}

bool ToolNames::trivial() const {
  return std::ranges::all_of(
      tools_, [](const Tool& tool) { return !tool.custom && tool.client == tool.gemini; });
}

}  // namespace wasat::dialect::openai_chat
