#include "media/audio_encoder.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "media/formats.h"

namespace wasat::media {
namespace {

static_assert(std::endian::native == std::endian::little, "samples are copied as they are");

struct Row {
  AudioFormat format;
  std::string_view name;
  std::string_view content_type;
};

// Opus comes in Ogg (RFC 7845), AAC as ADTS.
constexpr std::array kRows = {
    Row{AudioFormat::kMp3, "mp3", "audio/mpeg"}, Row{AudioFormat::kOpus, "opus", "audio/ogg"},
    Row{AudioFormat::kAac, "aac", "audio/aac"},  Row{AudioFormat::kFlac, "flac", "audio/flac"},
    Row{AudioFormat::kWav, "wav", "audio/wav"},  Row{AudioFormat::kPcm, "pcm", "audio/pcm"},
};

}  // namespace

std::optional<AudioFormat> audio_format(std::string_view name) {
  const auto row = std::ranges::find(kRows, name, &Row::name);
  if (row == kRows.end()) return std::nullopt;
  return row->format;
}

std::string_view content_type(AudioFormat format) {
  return std::ranges::find(kRows, format, &Row::format)->content_type;
}

std::unexpected<Error> coder_failed(std::string_view coder) {
  return fail(internal_error("The " + std::string(coder) + " encoder failed."));
}

Result<> AudioEncoder::feed(std::string_view pcm, std::string& out) {
  const std::size_t step = sizeof(std::int16_t) * static_cast<std::size_t>(shape_.channels);
  const std::size_t bytes = (partial_.size() + pcm.size()) / step * step;
  if (bytes == 0) {
    partial_ += pcm;
    return {};
  }
  samples_.resize(bytes / sizeof(std::int16_t));
  auto* room = reinterpret_cast<char*>(samples_.data());
  const std::size_t taken = bytes - partial_.size();
  std::memcpy(room, partial_.data(), partial_.size());
  std::memcpy(room + partial_.size(), pcm.data(), taken);
  partial_ = pcm.substr(taken);
  return encode(samples_, out);
}

Result<> AudioEncoder::finish(std::string& out) { return end(out); }

EncoderResult make_audio_encoder(AudioFormat format, PcmShape shape,
                                 std::optional<std::uint64_t> samples) {
  if (shape.rate < kLowestRate || shape.rate > kHighestRate || shape.channels < 1 ||
      shape.channels > 2) {
    return fail(client_error(ErrorKind::kUnsupported,
                             "Audio of this rate or number of channels cannot be encoded."));
  }
  switch (format) {
    case AudioFormat::kMp3:
      return make_mp3(shape);
    case AudioFormat::kOpus:
      return make_opus(shape);
    case AudioFormat::kAac:
      return make_aac(shape);
    case AudioFormat::kFlac:
      return make_flac(shape, samples);
    case AudioFormat::kWav:
      return make_wav(shape, samples, true);
    case AudioFormat::kPcm:
      break;
  }
  return make_wav(shape, samples, false);
}

}  // namespace wasat::media
