// What the client asked of its answer's form, beside what every dialect knows.

#pragma once

namespace wasat::dialect::openai_chat {

struct ChatForm {
  bool include_usage = false;     // of a stream
  bool legacy_functions = false;  // calls in the old form, which has room for one
};

}  // namespace wasat::dialect::openai_chat
