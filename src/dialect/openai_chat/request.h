// A chat completion request in typed form.
//
// Values and views point into the request's Source. What is wrong was refused.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "dialect/conversation/generation.h"
#include "dialect/conversation/tools.h"
#include "dialect/fields.h"
#include "json/reader.h"
#include "media/audio_encoder.h"

namespace wasat::dialect::openai_chat {

struct ChatRequest {
  std::string model;             // clean: "gemini-2.5-flash"
  std::string_view model_label;  // as written, still escaped; answers repeat it
  bool stream = false;
  bool include_usage = false;
  std::uint32_t choices = 1;  // `n`

  Generation generation;
  bool hide_thoughts = false;  // the client does not want to see them

  std::optional<media::AudioFormat> audio;  // how the answer shall be spoken

  ToolPlan tools;
  bool legacy_functions = false;  // `functions` and `function_call` of the old form

  json::Value safety_settings;    // array or absent
  json::Value cached_content;     // string or absent
  std::string_view service_tier;  // "flex", "priority" or empty
};

// All but messages and tools. `show_thoughts`: whether the operator wants them shown.
Result<ChatRequest> read_chat_request(Fields& root, bool show_thoughts);

}  // namespace wasat::dialect::openai_chat
