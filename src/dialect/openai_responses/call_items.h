// A call of the model's as an item: of a function, of a custom tool, or of a tool that
// OpenAI's clients know by a type of its own.

#pragma once

#include <string>

#include "dialect/conversation/given_call.h"
#include "dialect/openai_responses/items.h"
#include "dialect/openai_responses/tools.h"

namespace wasat::dialect::openai_responses {

// No other item is open. `offered`: the tools of that last kind that the client offers.
void give_call_item(const GivenCall& call, ClientTools offered, Items& items, std::string& out);

}  // namespace wasat::dialect::openai_responses
