#include "dialect/conversation/tool_names.h"

#include <algorithm>

namespace wasat::dialect {
namespace {

constexpr std::size_t kMaxName = 128;

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

bool may_stand(char c) {
  return is_letter(c) || (c >= '0' && c <= '9') || c == '.' || c == ':' || c == '-';
}

std::string rewritten(std::string_view name) {
  std::string clean(name.substr(0, kMaxName - 8));  // room for what makes it unique
  std::replace_if(clean.begin(), clean.end(), [](char c) { return !may_stand(c); }, '_');
  if (clean.empty() || !is_letter(clean.front())) clean.insert(0, 1, '_');
  return clean;
}

std::string joined(std::string_view client, std::string_view space) {
  std::string name(space);
  if (!space.empty()) name += "__";
  return name += client;
}

}  // namespace

bool ToolNames::may_stay(std::string_view name) {
  return !name.empty() && name.size() <= kMaxName && is_letter(name.front()) &&
         std::all_of(name.begin(), name.end(), may_stand);
}

std::string_view ToolNames::declare(std::string_view client, std::string_view space, bool custom) {
  for (const Tool& tool : tools_) {
    if (tool.client == client && tool.space == space) return tool.gemini;
  }
  Tool tool{.client = std::string(client),
            .space = std::string(space),
            .gemini = joined(client, space),
            .custom = custom};
  if (!may_stay(tool.gemini) || taken(tool.gemini)) {
    const std::string base = rewritten(tool.gemini);
    tool.gemini = base;
    for (int n = 2; taken(tool.gemini); ++n) tool.gemini = base + "_" + std::to_string(n);
  }
  if (custom || !space.empty() || tool.gemini != client) trivial_ = false;
  tools_.push_back(std::move(tool));
  return tools_.back().gemini;
}

bool ToolNames::taken(std::string_view gemini_name) const {
  return std::ranges::any_of(tools_, [&](const Tool& tool) { return tool.gemini == gemini_name; });
}

std::string ToolNames::to_gemini(std::string_view client, std::string_view space) const {
  for (const Tool& tool : tools_) {
    if (tool.client == client && tool.space == space) return tool.gemini;
  }
  const std::string name = joined(client, space);
  return may_stay(name) ? name : rewritten(name);
}

const ToolNames::Tool* ToolNames::find(std::string_view gemini_name) const {
  if (trivial_) return nullptr;
  for (const Tool& tool : tools_) {
    if (tool.gemini == gemini_name) {
      const bool same = !tool.custom && tool.space.empty() && tool.client == tool.gemini;
      return same ? nullptr : &tool;
    }
  }
  return nullptr;
}

bool ToolNames::declared(std::string_view client, std::string_view space) const {
  return std::ranges::any_of(
      tools_, [&](const Tool& tool) { return tool.client == client && tool.space == space; });
}

bool ToolNames::trivial() const { return trivial_; }

}  // namespace wasat::dialect
