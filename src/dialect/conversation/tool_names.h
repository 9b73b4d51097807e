// The names of a request's tools, in the client's words and in Gemini's.
//
// Gemini wants a letter or an underscore first and at most 128 characters of
// [a-zA-Z0-9_.:-]. Other names are rewritten, and the answer gets the client's
// name back. Tools in a namespace are joined to "namespace__name". Also knows
// which tools are custom ones (one string as input). Filled while the request is
// parsed, immutable afterwards.

#pragma once

#include <list>
#include <string>
#include <string_view>

namespace wasat::dialect {

class ToolNames {
 public:
  struct Tool {
    std::string client;  // without its namespace
    std::string space;   // namespace; empty: none
    std::string gemini;
    bool custom = false;
  };

  // Declares a tool and gives its name for Gemini, unique among all; once more: the same
  // name. Names that may stay should be declared first, so that no other takes them.
  std::string_view declare(std::string_view client, std::string_view space = {},
                           bool custom = false);

  // A name that was not declared (an old tool in the history) is rewritten, too.
  std::string to_gemini(std::string_view client, std::string_view space = {}) const;

  // Whether Gemini takes this name as it is.
  static bool may_stay(std::string_view name);

  // nullptr: the client knows this name as it is, and it is a function.
  const Tool* find(std::string_view gemini_name) const;
  bool declared(std::string_view client, std::string_view space = {}) const;
  // Whether find() never finds anything.
  bool trivial() const;

 private:
  bool taken(std::string_view gemini_name) const;
  std::list<Tool> tools_;  // in their places for good: views are given out
  bool trivial_ = true;
};

}  // namespace wasat::dialect
