// POST /messages and POST /messages/count_tokens: the request in typed form, and
// the call that is made of it.

#pragma once

#include <cstdint>
#include <memory>

#include "dialect/dialect.h"
#include "dialect/options.h"

namespace wasat::dialect::anthropic {

enum class Asks : std::uint8_t { kAnswer, kTokenCount };

// `options` outlives the result.
Result<std::unique_ptr<Parsed>> parse_messages(Asks asks, std::shared_ptr<const Buffer> body,
                                               const Options& options);

}  // namespace wasat::dialect::anthropic
