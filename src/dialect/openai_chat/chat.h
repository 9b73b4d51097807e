// POST /chat/completions: the request in typed form, and what is made of it.

#pragma once

#include <memory>

#include "dialect/dialect.h"
#include "dialect/openai_chat/dialect.h"

namespace wasat::dialect::openai_chat {

// `options` outlives the result.
Result<std::unique_ptr<Parsed>> parse_chat(std::shared_ptr<const Buffer> body,
                                           const Options& options);

}  // namespace wasat::dialect::openai_chat
