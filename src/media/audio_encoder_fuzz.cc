// Any samples in any pieces. The first bytes choose format, rate, channels and steps.

#include <cstdint>
#include <cstdlib>

#include "media/audio_encoder.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wasat::media;
  if (size < 4) return 0;
  constexpr int kRates[] = {24000, 8000, 16000, 44100, 48000, 96000, 23456, 11025};
  const auto format = static_cast<AudioFormat>(data[0] % 6);
  const PcmShape shape{.rate = kRates[data[1] % 8], .channels = 1 + (data[1] >> 3) % 3};
  const std::size_t step = std::size_t{data[2]} * 16 + 1;
  std::string_view pcm(reinterpret_cast<const char*>(data) + 4, size - 4);
  std::optional<std::uint64_t> samples;
  if ((data[3] & 1) != 0) samples = pcm.size() / 2 / static_cast<unsigned>(shape.channels);
  auto encoder = make_audio_encoder(format, shape, samples);
  if (!encoder) return 0;
  std::string out;
  for (; !pcm.empty(); pcm.remove_prefix(std::min(step, pcm.size()))) {
    if (!(*encoder)->feed(pcm.substr(0, step), out)) std::abort();
  }
  if ((data[3] & 2) == 0 && !(*encoder)->finish(out)) std::abort();
  return 0;
}
