// POST /responses and POST /responses/input_tokens: the request in typed form, and
// what is made of it.

#pragma once

#include <memory>

#include "dialect/dialect.h"
#include "dialect/options.h"

namespace wasat::dialect::openai_responses {

// `options` outlives the result.
Result<std::unique_ptr<Parsed>> parse_responses(std::shared_ptr<const Buffer> body,
                                                const Options& options);
// The same request, of which only the tokens are counted.
Result<std::unique_ptr<Parsed>> parse_input_tokens(std::shared_ptr<const Buffer> body,
                                                   const Options& options);

}  // namespace wasat::dialect::openai_responses
