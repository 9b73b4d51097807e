#include "dialect/openai_chat/audio_answer.h"

#include <utility>

#include "base/base64.h"
#include "dialect/conversation/given_call.h"
#include "dialect/openai_media/speech_encoder.h"

namespace wasat::dialect::openai_chat {

bool AudioAnswer::take(json::Value part, std::string& bytes) {
  const json::Value data = part["inlineData"];
  const auto shape = openai_media::pcm_shape(data["mimeType"].string_or(""));
  if (!shape) return false;
  if (!shape_) shape_ = shape;
  const std::optional<std::string> pcm = from_base64(data["data"].string_or(""));
  if (!pcm) {
    problem_ = upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                              "The upstream's audio cannot be used: it is no base64.");
  } else if (whole_) {
    pcm_ += *pcm;
  } else if (Result<> fed = feed(*pcm, bytes); !fed) {
    problem_ = std::move(fed.error());
  }
  return true;
}

Result<> AudioAnswer::make_coder(std::optional<std::uint64_t> samples) {
  auto coder = media::make_audio_encoder(format_, *shape_, samples);
  if (!coder) return fail(std::move(coder.error()));
  coder_ = std::move(*coder);
  return {};
}

Result<> AudioAnswer::feed(std::string_view pcm, std::string& bytes) {
  if (coder_ == nullptr) {
    if (Result<> made = make_coder(std::nullopt); !made) return made;
  }
  return coder_->feed(pcm, bytes);
}

Result<> AudioAnswer::finish(std::string& bytes) {
  if (problem_) return fail(*problem_);
  if (!shape_) return {};
  if (whole_) {
    const auto frame = 2 * static_cast<std::uint64_t>(shape_->channels);
    if (Result<> made = make_coder(pcm_.size() / frame); !made) return made;
    if (Result<> fed = feed(pcm_, bytes); !fed) return fed;
  }
  return coder_ == nullptr ? Result<>() : coder_->finish(bytes);
}

std::string audio_id(const AnswerContext& context, std::uint32_t choice) {
  return "audio_" + derived_id(context.id, std::uint64_t{choice} << 32);
}

std::int64_t audio_end(const AnswerContext& context) { return context.created + 3600; }

}  // namespace wasat::dialect::openai_chat
