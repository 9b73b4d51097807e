// Citations as OpenAI's url_citation annotations.

#pragma once

#include <string>

#include "dialect/conversation/citations.h"

namespace wasat::dialect::openai_chat {

// Appends the annotations as a JSON array's elements; false if there are none.
bool append_annotations(std::string& out, json::Value grounding, const TextPositions& positions);

}  // namespace wasat::dialect::openai_chat
