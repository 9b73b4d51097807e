// A generateContent request, read as far as the simulator cares.
//
// Views and Values live as long as the document that the request was parsed with.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gemini/model_table.h"
#include "json/reader.h"
#include "simulator/models.h"

namespace wasat::simulator {

struct Declaration {
  std::string_view name;
  json::Value schema;  // of the arguments; absent when there are none
};

struct FunctionAnswer {
  std::string_view name;
  std::string_view response;  // JSON
};

struct Prompt {
  const Model* model = nullptr;
  const gemini::ModelFamily* family = nullptr;

  std::string text;  // of the last user turn
  int text_tokens = 0;
  int image_tokens = 0;
  int audio_tokens = 0;
  int tokens() const { return text_tokens + image_tokens + audio_tokens; }

  std::vector<Declaration> functions;
  std::string_view mode = "AUTO";
  std::vector<std::string_view> allowed;
  std::vector<FunctionAnswer> function_answers;  // when the last turn is made of them
  bool search = false;
  bool code = false;

  bool thinks = false;
  bool include_thoughts = false;

  std::string_view mime_type;  // responseMimeType
  json::Value schema;          // responseSchema or responseJsonSchema
  std::vector<std::string_view> stop;
  int max_tokens = 0;  // 0: no limit
  int candidates = 1;
  bool logprobs = false;
  bool wants_image = false;
  bool wants_audio = false;
  std::string_view aspect_ratio;
};

Prompt read_prompt(json::Value request, const Model& model, std::string_view model_name);

}  // namespace wasat::simulator
