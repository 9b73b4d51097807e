// The members of a Messages request in typed form; messages, system and tools are
// read by conversation.h and tools.h.
//
// Values and views point into the request's document. Fields that Gemini has no
// use for (metadata, container, context_management, diagnostics, ...) are not looked at.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "dialect/conversation/generation.h"
#include "json/reader.h"

namespace wasat::dialect::anthropic {

struct MessagesRequest {
  std::string model;             // clean: "gemini-2.5-flash"
  std::string_view model_label;  // as written, still escaped; answers repeat it
  bool stream = false;
  Generation generation;
  json::Value system;       // string, array or absent
  json::Value messages;     // array, not empty
  json::Value tools;        // array or absent
  json::Value tool_choice;  // object or absent
  // The client expects thinking blocks, and wants to read what is in them.
  bool thinks = false;
  bool shows_thoughts = false;
};

Result<MessagesRequest> read_messages_request(json::Value root);

}  // namespace wasat::dialect::anthropic
