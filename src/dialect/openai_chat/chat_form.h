// What the client asked of its answer's form, beside what every dialect knows.

#pragma once

#include <optional>

#include "media/audio_encoder.h"

namespace wasat::dialect::openai_chat {

struct ChatForm {
  bool include_usage = false;               // of a stream
  bool legacy_functions = false;            // calls in the old form, which has room for one
  std::optional<media::AudioFormat> audio;  // the answer shall be spoken
};

}  // namespace wasat::dialect::openai_chat
