// What the chosen model means for a request.

#pragma once

#include "dialect/conversation/generation.h"
#include "dialect/conversation/tools.h"
#include "dialect/dialect.h"
#include "gemini/model_table.h"

namespace wasat::dialect {

// The family of the chosen model, less what the upstream has refused before.
gemini::ModelFamily family_of(const ChosenModel& chosen, const Findings& findings);

// What the suffixes of the client's model name ask for ("-search", "-image", "-high",
// "-nothinking"). They outrank the request's own fields, but a budget that the operator
// set for a model stands behind them.
void apply_derived(const gemini::DerivedModel& derived, Generation& generation, ToolPlan& tools);

}  // namespace wasat::dialect
