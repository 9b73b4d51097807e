// The order of a conversation as Gemini demands it.
//
// OpenAI has a flat list of messages; Gemini has turns of two roles, and answers
// a turn that holds function calls with 400 unless the next one begins with
// exactly their responses. plan_turns() arranges the messages so; it copies
// nothing but small structs of views.

#pragma once

#include <string_view>
#include <vector>

#include "base/result.h"
#include "dialect/openai_chat/request.h"

namespace wasat::dialect::openai_chat {

struct Item {
  enum class Kind : std::uint8_t {
    kText,        // value: a string
    kReminder,    // value: a string that the client said as system or developer
    kPart,        // value: a content part that is not text
    kCall,        // value: an element of tool_calls, or a legacy function_call
    kResponse,    // value: the content of a tool's message, or absent
    kOrphan,      // the same, but no call asks for it
    kNoResponse,  // a call that nobody has answered
    kSpace,       // " ", so that there is a turn at all
    kContinue,    // asks the model to go on
  };
  Kind kind = Kind::kText;
  json::Value value;
  const Message* message = nullptr;
  std::size_t part = 0;  // in message->content
  // kCall, kResponse, kNoResponse.
  std::string_view id;
  std::string_view name;  // in the client's words
  // kCall: as sent, still escaped; empty: none. kText of an assistant likewise.
  std::string_view signature;
};

struct Turn {
  bool model = false;
  std::vector<Item> items;
  // The first call must be signed for models that check (gemini::ModelFamily).
  bool current = false;
};

struct Plan {
  std::vector<Item> system;  // texts
  std::vector<Turn> turns;   // alternating, never empty
};

// `continues`: the model cannot go on with its own last words and must be asked to.
Result<Plan> plan_turns(const ChatRequest& request, bool continues);

// "messages[2].content[0]"
std::string path_of(const Item& item);

}  // namespace wasat::dialect::openai_chat
