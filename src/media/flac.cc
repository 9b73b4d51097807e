// FLAC by libFLAC. The header tells the length when it is known; the checksum of
// the samples stays empty, since nobody can go back in a stream.

#include <FLAC/stream_encoder.h>

#include "media/formats.h"

namespace wasat::media {
namespace {

constexpr unsigned kLevel = 5;  // libFLAC's default

struct Delete {
  void operator()(FLAC__StreamEncoder* encoder) const { FLAC__stream_encoder_delete(encoder); }
};

class Flac final : public AudioEncoder {
 public:
  explicit Flac(PcmShape shape) : AudioEncoder(shape), encoder_(FLAC__stream_encoder_new()) {}

  bool open(std::optional<std::uint64_t> samples) {
    FLAC__StreamEncoder* flac = encoder_.get();
    if (flac == nullptr) return false;
    bool good = FLAC__stream_encoder_set_channels(flac, static_cast<unsigned>(shape().channels)) &&
                FLAC__stream_encoder_set_bits_per_sample(flac, 16) &&
                FLAC__stream_encoder_set_sample_rate(flac, static_cast<unsigned>(shape().rate)) &&
                FLAC__stream_encoder_set_compression_level(flac, kLevel);
    if (samples) good = good && FLAC__stream_encoder_set_total_samples_estimate(flac, *samples);
    return good && FLAC__stream_encoder_init_stream(flac, write, nullptr, nullptr, nullptr, this) ==
                       FLAC__STREAM_ENCODER_INIT_STATUS_OK;
  }

 private:
  static FLAC__StreamEncoderWriteStatus write(const FLAC__StreamEncoder*, const FLAC__byte* bytes,
                                              std::size_t size, std::uint32_t, std::uint32_t,
                                              void* self) {
    static_cast<Flac*>(self)->ready_.append(reinterpret_cast<const char*>(bytes), size);
    return FLAC__STREAM_ENCODER_WRITE_STATUS_OK;
  }

  Result<> encode(std::span<const std::int16_t> samples, std::string& out) override {
    wide_.assign(samples.begin(), samples.end());
    const auto count =
        static_cast<unsigned>(wide_.size()) / static_cast<unsigned>(shape().channels);
    if (!FLAC__stream_encoder_process_interleaved(encoder_.get(), wide_.data(), count)) {
      return coder_failed("FLAC");
    }
    take(out);
    return {};
  }

  Result<> end(std::string& out) override {
    if (!FLAC__stream_encoder_finish(encoder_.get())) return coder_failed("FLAC");
    take(out);
    return {};
  }

  void take(std::string& out) {
    out += ready_;
    ready_.clear();
  }

  std::string ready_;  // before encoder_, whose end may still write
  std::vector<FLAC__int32> wide_;
  std::unique_ptr<FLAC__StreamEncoder, Delete> encoder_;
};

}  // namespace

EncoderResult make_flac(PcmShape shape, std::optional<std::uint64_t> samples) {
  auto flac = std::make_unique<Flac>(shape);
  if (!flac->open(samples)) return coder_failed("FLAC");
  return flac;
}

}  // namespace wasat::media
