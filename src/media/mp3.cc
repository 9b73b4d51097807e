// MP3 by LAME: constant rate, no tags, so that a stream is as good as a file.

#include <lame/lame.h>

#include <algorithm>

#include "media/formats.h"

namespace wasat::media {
namespace {

// kbit/s for a channel: transparent for speech at 24 kHz.
constexpr int kBitrate = 64;
constexpr int kQuality = 5;  // 0 best and slowest, 9 worst

void say_nothing(const char*, va_list) {}

struct Close {
  void operator()(lame_global_flags* lame) const { lame_close(lame); }
};

class Mp3 final : public AudioEncoder {
 public:
  Mp3(PcmShape shape, std::unique_ptr<lame_global_flags, Close> lame)
      : AudioEncoder(shape), lame_(std::move(lame)) {}

 private:
  Result<> encode(std::span<const std::int16_t> samples, std::string& out) override {
    // In steps, so that LAME's own buffers stay small.
    constexpr std::size_t kStep = 4608;
    const auto channels = static_cast<std::size_t>(shape().channels);
    for (std::size_t at = 0; at < samples.size(); at += kStep * channels) {
      const auto piece = samples.subspan(at, std::min(kStep * channels, samples.size() - at));
      if (!append(piece, out)) return coder_failed("MP3");
    }
    return {};
  }

  Result<> end(std::string& out) override {
    constexpr std::size_t kTail = 7200;  // lame.h
    const std::size_t begin = out.size();
    out.resize(begin + kTail);
    const int n =
        lame_encode_flush(lame_.get(), reinterpret_cast<unsigned char*>(out.data() + begin), kTail);
    out.resize(begin + static_cast<std::size_t>(std::max(n, 0)));
    if (n < 0) return coder_failed("MP3");
    return {};
  }

  bool append(std::span<const std::int16_t> piece, std::string& out) {
    const auto count = static_cast<int>(piece.size()) / shape().channels;
    // lame.h: 1.25 bytes a sample and 7200; resampling upwards takes more samples.
    const std::size_t room = piece.size() * 8 + 7200;
    const std::size_t begin = out.size();
    out.resize(begin + room);
    auto* to = reinterpret_cast<unsigned char*>(out.data() + begin);
    auto* from = const_cast<std::int16_t*>(piece.data());  // LAME does not write here
    const int n =
        shape().channels == 1
            ? lame_encode_buffer(lame_.get(), from, nullptr, count, to, static_cast<int>(room))
            : lame_encode_buffer_interleaved(lame_.get(), from, count, to, static_cast<int>(room));
    out.resize(begin + static_cast<std::size_t>(std::max(n, 0)));
    return n >= 0;
  }

  std::unique_ptr<lame_global_flags, Close> lame_;
};

}  // namespace

EncoderResult make_mp3(PcmShape shape) {
  std::unique_ptr<lame_global_flags, Close> lame(lame_init());
  if (lame == nullptr) return coder_failed("MP3");
  lame_global_flags* flags = lame.get();
  lame_set_errorf(flags, say_nothing);
  lame_set_debugf(flags, say_nothing);
  lame_set_msgf(flags, say_nothing);
  lame_set_num_channels(flags, shape.channels);
  lame_set_in_samplerate(flags, shape.rate);
  // Rates that MPEG has stay; 0 chooses one.
  constexpr int kRates[] = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000};
  const bool has = std::ranges::find(kRates, shape.rate) != std::end(kRates);
  lame_set_out_samplerate(flags, has ? shape.rate : 0);
  lame_set_mode(flags, shape.channels == 1 ? MONO : JOINT_STEREO);
  lame_set_VBR(flags, vbr_off);
  lame_set_brate(flags, kBitrate * shape.channels);
  lame_set_quality(flags, kQuality);
  lame_set_bWriteVbrTag(flags, 0);
  lame_set_write_id3tag_automatic(flags, 0);
  if (lame_init_params(flags) < 0) return coder_failed("MP3");
  return std::make_unique<Mp3>(shape, std::move(lame));
}

}  // namespace wasat::media
