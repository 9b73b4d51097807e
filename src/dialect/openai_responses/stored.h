// GET and DELETE /responses/{id}, GET /responses/{id}/input_items: what is remembered,
// without an upstream.

#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "dialect/dialect.h"

namespace wasat::dialect::openai_responses {

enum class StoredAction : std::uint8_t { kGet, kDelete, kListInput };

// `id`: "resp_..."; `query`: of a list: limit, order, after.
std::unique_ptr<Parsed> stored_response(StoredAction action, std::string_view id,
                                        std::string_view query);

}  // namespace wasat::dialect::openai_responses
