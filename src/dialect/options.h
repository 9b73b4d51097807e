// What the operator wishes of every dialect. It comes with each request, since the operator
// may change it meanwhile.

#pragma once

#include <string>
#include <utility>
#include <vector>

namespace wasat::dialect {

// Nothing is blocked unless the operator or the client asks for it. The civic
// category refuses OFF on some models, BLOCK_NONE does the same there.
inline constexpr const char* kDefaultSafetySettings =
    R"([{"category":"HARM_CATEGORY_HARASSMENT","threshold":"OFF"},)"
    R"({"category":"HARM_CATEGORY_HATE_SPEECH","threshold":"OFF"},)"
    R"({"category":"HARM_CATEGORY_SEXUALLY_EXPLICIT","threshold":"OFF"},)"
    R"({"category":"HARM_CATEGORY_DANGEROUS_CONTENT","threshold":"OFF"},)"
    R"({"category":"HARM_CATEGORY_CIVIC_INTEGRITY","threshold":"BLOCK_NONE"}])";

struct Options {
  // A JSON array for `safetySettings`, used when the client sends none; empty: Gemini's own.
  std::string safety_settings = kDefaultSafetySettings;
  // Ask thinking models for their thoughts and give them out in the dialect's own way.
  bool show_thoughts = true;
  // Pages that an answer rests on are listed as links behind its text.
  bool search_links = false;
};
inline const Options kDefaultOptions;

}  // namespace wasat::dialect
