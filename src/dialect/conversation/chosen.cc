#include "dialect/conversation/chosen.h"

namespace wasat::dialect {
namespace {

using Think = gemini::DerivedModel::Think;

std::optional<Effort> effort_of(Think think) {
  switch (think) {
    case Think::kOff:
      return Effort::kNone;
    case Think::kMinimal:
      return Effort::kMinimal;
    case Think::kLow:
      return Effort::kLow;
    case Think::kMedium:
      return Effort::kMedium;
    case Think::kHigh:
      return Effort::kHigh;
    case Think::kMax:
      return Effort::kMax;
    case Think::kUnsaid:
    case Think::kShown:
      break;
  }
  return std::nullopt;
}

void apply_thinking(const gemini::DerivedModel& derived, ThinkingWish& wish) {
  if (const std::optional<Effort> effort = effort_of(derived.think)) {
    wish.effort = effort;
    wish.budget.reset();
  }
  if (derived.think == Think::kOff) wish.include_thoughts = false;
  if (derived.think == Think::kShown) wish.include_thoughts = true;
  if (!derived.budget) return;
  const bool of_operator = derived.think == Think::kUnsaid;
  if (of_operator && (wish.effort || wish.budget)) return;
  wish.budget = *derived.budget;
}

}  // namespace

gemini::ModelFamily family_of(const ChosenModel& chosen, const Findings& findings) {
  gemini::ModelFamily family = gemini::model_family(chosen.name);
  family.openapi_schemas |= findings.openapi_schemas;
  return family;
}

void apply_derived(const gemini::DerivedModel& derived, Generation& generation, ToolPlan& tools) {
  tools.search |= derived.search;
  generation.image_output |= derived.image;
  apply_thinking(derived, generation.thinking);
}

}  // namespace wasat::dialect
