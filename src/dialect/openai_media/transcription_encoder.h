// What the model heard, in OpenAI's forms.

#pragma once

#include "dialect/dialect.h"

namespace wasat::dialect::openai_media {

enum class TranscriptFormat : std::uint8_t {
  kJson,
  kText,
  kVerboseJson,
  kDiarizedJson,
  kSrt,
  kVtt,
};

// What the model says of audio without speech: an empty answer would count as a failure.
inline constexpr std::string_view kNoSpeech = "[no speech]";

struct TranscriptionShape {
  std::int64_t now = 0;
  TranscriptFormat format = TranscriptFormat::kJson;
  bool words = false;
  bool translate = false;
  bool stream = false;
};

std::unique_ptr<Encoder> make_transcription_encoder(TranscriptionShape shape);

}  // namespace wasat::dialect::openai_media
