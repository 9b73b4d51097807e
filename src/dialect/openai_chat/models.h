// GET /models and GET /models/{id}.

#pragma once

#include <memory>
#include <string_view>

#include "dialect/dialect.h"

namespace wasat::dialect::openai_chat {

// `id`: as it stands in the path, possibly with prefix, slashes or percent
// escapes; empty for the list.
std::unique_ptr<Parsed> parse_models(std::string_view id);

}  // namespace wasat::dialect::openai_chat
