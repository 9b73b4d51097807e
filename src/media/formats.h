// The formats that AudioEncoder has, each in a file of its own.

#pragma once

#include "media/audio_encoder.h"

namespace wasat::media {

using EncoderResult = Result<std::unique_ptr<AudioEncoder>>;

EncoderResult make_mp3(PcmShape shape);
EncoderResult make_opus(PcmShape shape);
EncoderResult make_aac(PcmShape shape);
EncoderResult make_flac(PcmShape shape, std::optional<std::uint64_t> samples);
// A header and the samples, or the samples alone.
EncoderResult make_wav(PcmShape shape, std::optional<std::uint64_t> samples, bool header);

// "The MP3 encoder refused ..."
std::unexpected<Error> coder_failed(std::string_view coder);

}  // namespace wasat::media
