// The sound of an answer: Gemini's PCM, in the format that the client wants.
//
// Not cheap (media::AudioEncoder): encoders that hold one are heavy(). One choice
// of one answer; ends with finish().

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "dialect/dialect.h"
#include "json/reader.h"
#include "media/audio_encoder.h"

namespace wasat::dialect::openai_chat {

class AudioAnswer {
 public:
  // `whole`: everything comes out of finish(), so that headers can tell the length.
  AudioAnswer(media::AudioFormat format, bool whole) : format_(format), whole_(whole) {}

  // False: `part` holds no PCM. Else what of it is ready is appended to `bytes`. What
  // goes wrong is told by finish().
  bool take(json::Value part, std::string& bytes);
  Result<> finish(std::string& bytes);
  bool any() const { return shape_.has_value(); }

 private:
  Result<> feed(std::string_view pcm, std::string& bytes);
  Result<> make_coder(std::optional<std::uint64_t> samples);

  media::AudioFormat format_;
  bool whole_;
  std::optional<media::PcmShape> shape_;
  std::unique_ptr<media::AudioEncoder> coder_;
  std::string pcm_;  // of the whole answer
  std::optional<Error> problem_;
};

// Of a choice's sound. OpenAI keeps it for an hour; here the client has it, and that is all.
std::string audio_id(const AnswerContext& context, std::uint32_t choice);
std::int64_t audio_end(const AnswerContext& context);

}  // namespace wasat::dialect::openai_chat
