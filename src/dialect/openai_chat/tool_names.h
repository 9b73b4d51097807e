// The names of a request's tools, in the client's words and in Gemini's.
//
// Gemini wants a letter or an underscore first and at most 128 characters of
// [a-zA-Z0-9_.:-]. Other names are rewritten, and the answer gets the client's
// name back. Also knows which tools are OpenAI's custom ones. Made while the
// request is parsed, immutable afterwards.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "json/reader.h"

namespace wasat::dialect::openai_chat {

class ToolNames {
 public:
  // Takes the names from `tools` (or from legacy `functions`).
  explicit ToolNames(json::Value tools);

  // A name that was not declared (an old tool in the history) is rewritten, too.
  std::string to_gemini(std::string_view name) const;

  struct Tool {
    std::string client;
    std::string gemini;
    bool custom = false;
  };
  // nullptr: the client knows this name as it is, and it is a function.
  const Tool* find(std::string_view gemini_name) const;
  bool declared(std::string_view client_name) const;
  // Whether find() never finds anything.
  bool trivial() const;

 private:
  bool taken(std::string_view gemini_name) const;
  std::vector<Tool> tools_;
};

}  // namespace wasat::dialect::openai_chat
