// WAV (RIFF), and the samples without a header.

#include "media/formats.h"

namespace wasat::media {
namespace {

// Of a stream whose end is not known, as OpenAI writes it.
constexpr std::uint32_t kUnknownSize = 0xFFFFFFFF;

void put(std::string& out, std::uint32_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

std::string header_of(PcmShape shape, std::optional<std::uint64_t> samples) {
  const auto channels = static_cast<std::uint32_t>(shape.channels);
  const auto rate = static_cast<std::uint32_t>(shape.rate);
  const std::uint32_t step = channels * 2;
  const bool known = samples && *samples < (kUnknownSize - 64) / step;
  const std::uint32_t data = known ? static_cast<std::uint32_t>(*samples) * step : kUnknownSize;
  std::string out = "RIFF";
  put(out, known ? data + 36 : kUnknownSize, 4);
  out += "WAVEfmt ";
  put(out, 16, 4);
  put(out, 1, 2);  // PCM
  put(out, channels, 2);
  put(out, rate, 4);
  put(out, rate * step, 4);
  put(out, step, 2);
  put(out, 16, 2);  // bits per sample
  out += "data";
  put(out, data, 4);
  return out;
}

class Wav final : public AudioEncoder {
 public:
  Wav(PcmShape shape, std::string header) : AudioEncoder(shape), header_(std::move(header)) {}

 private:
  Result<> encode(std::span<const std::int16_t> samples, std::string& out) override {
    out += std::exchange(header_, {});
    out.append(reinterpret_cast<const char*>(samples.data()), samples.size_bytes());
    return {};
  }
  Result<> end(std::string& out) override {
    out += std::exchange(header_, {});
    return {};
  }

  std::string header_;
};

}  // namespace

EncoderResult make_wav(PcmShape shape, std::optional<std::uint64_t> samples, bool header) {
  return std::make_unique<Wav>(shape, header ? header_of(shape, samples) : std::string());
}

}  // namespace wasat::media
