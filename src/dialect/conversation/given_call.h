// A function call of Gemini's as the client gets it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dialect/conversation/answer_shape.h"
#include "json/reader.h"

namespace wasat::dialect {

struct GivenCall {
  std::string id;              // Gemini's own if it can stand, else `id_prefix` and 24 characters
  std::string name;            // without namespace
  std::string space;           // namespace; empty: none
  std::string arguments;       // escaped JSON text ("{}" for none); of a custom tool its input
  std::string_view raw;        // the arguments as an object, not escaped; "{}" for none
  std::string_view signature;  // Gemini's, escaped; empty: none
  bool custom = false;
};

// `number`: of this call within the choice; an id that Gemini leaves out derives from both.
GivenCall given_call(json::Value function_call, std::string_view signature,
                     const AnswerShape& shape, std::uint32_t choice, std::size_t number);

// 24 letters and digits that depend on `seed` and `number` alone.
std::string derived_id(std::string_view seed, std::uint64_t number);

}  // namespace wasat::dialect
