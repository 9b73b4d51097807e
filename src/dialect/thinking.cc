#include "dialect/thinking.h"

#include <algorithm>
#include <array>
#include <utility>

namespace wasat::dialect {
namespace {

using gemini::Thinking;
using gemini::ThinkingLevel;

// ai.google.dev/gemini-api/docs/openai#thinking; kMax is the model's own limit.
int budget_of(Effort effort, const Thinking& model) {
  switch (effort) {
    case Effort::kNone:
      return model.can_turn_off ? 0 : model.min_budget;
    case Effort::kMinimal:
    case Effort::kLow:
      return 1024;
    case Effort::kMedium:
      return 8192;
    case Effort::kHigh:
      return 24576;
    case Effort::kMax:
      break;
  }
  return model.max_budget;
}

ThinkingLevel level_of(Effort effort, const Thinking& model) {
  switch (effort) {
    case Effort::kNone:  // cannot be turned off
    case Effort::kMinimal:
      return model.nearest(ThinkingLevel::kMinimal);
    case Effort::kLow:
      return model.nearest(ThinkingLevel::kLow);
    case Effort::kMedium:
      // Those without a middle think much when nothing is said.
      return model.has(ThinkingLevel::kMedium) ? ThinkingLevel::kMedium
                                               : model.nearest(ThinkingLevel::kHigh);
    case Effort::kHigh:
    case Effort::kMax:
      break;
  }
  return model.nearest(ThinkingLevel::kHigh);
}

}  // namespace

std::optional<Effort> effort_of(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, Effort>, 8> kNames = {{
      {"none", Effort::kNone},
      {"off", Effort::kNone},
      {"minimal", Effort::kMinimal},
      {"low", Effort::kLow},
      {"medium", Effort::kMedium},
      {"high", Effort::kHigh},
      {"xhigh", Effort::kMax},
      {"max", Effort::kMax},
  }};
  for (const auto& [known, effort] : kNames) {
    if (name == known) return effort;
  }
  return std::nullopt;
}

std::int64_t thinking_tokens(const Thinking& model, const ThinkingWish& wish) {
  if (model.style == Thinking::Style::kNone) return 0;
  if (wish.budget) return std::clamp<std::int64_t>(*wish.budget, 0, model.max_budget);
  return wish.effort ? budget_of(*wish.effort, model) : 0;
}

void write_thinking_config(json::Writer& writer, const Thinking& model, const ThinkingWish& wish) {
  if (model.style == Thinking::Style::kNone) return;
  std::optional<int> budget;
  std::optional<ThinkingLevel> level;
  if (wish.budget) {
    budget = model.clamp_budget(
        static_cast<int>(std::clamp<std::int64_t>(*wish.budget, -1, model.max_budget)));
  } else if (wish.effort && model.style == Thinking::Style::kBudget) {
    const int wanted = budget_of(*wish.effort, model);
    budget = wanted == 0 ? 0 : model.clamp_budget(wanted);
  } else if (wish.effort) {
    level = level_of(*wish.effort, model);
  }
  // A model that does not think must not be asked for its thoughts.
  const bool thinks = budget ? *budget != 0 : level.has_value() || !model.off_by_default;
  const bool include = thinks && wish.include_thoughts.value_or(false);
  const bool refuse = wish.include_thoughts == false && thinks && (budget || level);
  if (!budget && !level && !include) return;
  writer.key("thinkingConfig").begin_object();
  if (include || refuse) writer.member("includeThoughts", include);
  if (budget) writer.member("thinkingBudget", *budget);
  if (level) writer.member("thinkingLevel", gemini::thinking_level_name(*level));
  writer.end_object();
}

}  // namespace wasat::dialect
