// GET /models and GET /models/{id}, in Anthropic's form.

#pragma once

#include <memory>
#include <string_view>

#include "dialect/dialect.h"

namespace wasat::dialect::anthropic {

// `id`: as it stands in the path; empty for the list, which `query` turns the pages of
// (limit, before_id, after_id).
Result<std::unique_ptr<Parsed>> parse_models(std::string_view id, std::string_view query);

}  // namespace wasat::dialect::anthropic
