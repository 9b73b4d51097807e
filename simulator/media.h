// Small pictures and sounds, made on the spot.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace wasat::simulator {

// A valid PNG (8-bit RGB, a gradient whose colours follow from `seed`).
std::string png(unsigned width, unsigned height, std::uint64_t seed);
// 16-bit little-endian mono PCM at 24 kHz: a tone.
std::string pcm_tone(unsigned milliseconds, double hertz);
// Standard base64 with padding.
std::string base64(std::string_view bytes);

}  // namespace wasat::simulator
