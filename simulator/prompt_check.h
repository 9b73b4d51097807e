// What Google refuses although the JSON is well-formed: turns out of order,
// missing signatures, options that a model does not take.

#pragma once

#include <optional>

#include "gemini/model_table.h"
#include "json/reader.h"
#include "simulator/google_error.h"

namespace wasat::simulator {

std::optional<GoogleError> check_prompt(json::Value request, const gemini::ModelFamily& family);

}  // namespace wasat::simulator
