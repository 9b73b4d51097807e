// Gemini's PCM as the audio file or the events that the client asked for.

#pragma once

#include "dialect/dialect.h"
#include "media/audio_encoder.h"

namespace wasat::dialect::openai_media {

struct SpeechShape {
  std::int64_t now = 0;
  media::AudioFormat format = media::AudioFormat::kMp3;
  bool whole = false;   // the length is written into the head
  bool events = false;  // server-sent events
};

std::unique_ptr<Encoder> make_speech_encoder(SpeechShape shape);

// "audio/L16;codec=pcm;rate=24000", "audio/l16; rate=24000; channels=1"; nullopt: no PCM.
std::optional<media::PcmShape> pcm_shape(std::string_view mime_type);

}  // namespace wasat::dialect::openai_media
