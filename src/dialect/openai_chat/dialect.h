// OpenAI's chat completions (and list of models) on top of Gemini.
//
// Immutable and shared by all workers.

#pragma once

#include <memory>
#include <string>

#include "dialect/dialect.h"

namespace wasat::dialect::openai_chat {

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
  // Ask thinking models for their thoughts and give them out as `reasoning_content`.
  bool show_thoughts = true;
};

// Paths (without mount prefix): POST /chat/completions, GET /models, GET /models/{id}.
std::unique_ptr<Dialect> make_openai_chat(Options options);

}  // namespace wasat::dialect::openai_chat
