// What a derived model's name asks for ("-search", "-image", "-high"), put into the
// client's own body.

#pragma once

#include <string_view>
#include <vector>

#include "dialect/gemini/edits.h"
#include "gemini/derived_model.h"
#include "gemini/model_table.h"
#include "json/reader.h"

namespace wasat::dialect::native {

// `root`: the body, an object; its values point into `whole`. Nothing is changed
// that the client says itself, but how much to think: there the name outranks it,
// unless it is only the operator's budget for the model.
std::vector<Edit> derived_edits(json::Value root, std::string_view whole,
                                const gemini::DerivedModel& derived,
                                const gemini::ModelFamily& family);

}  // namespace wasat::dialect::native
