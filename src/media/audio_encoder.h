// AudioEncoder: 16-bit PCM in, the bytes of an audio file out, piece by piece.
//
// Pure: the same samples give the same bytes, however they were split. Not cheap
// (one to five milliseconds for a second of speech): not for a worker's thread.
// One owner, one thread at a time; destroying it early is fine.

#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wasat::media {

enum class AudioFormat : std::uint8_t { kMp3, kOpus, kAac, kFlac, kWav, kPcm };

// "mp3", "opus", "aac", "flac", "wav", "pcm"; nullopt: no such format.
std::optional<AudioFormat> audio_format(std::string_view name);
// "audio/mpeg"
std::string_view content_type(AudioFormat format);

// What goes in: little-endian samples, channels interleaved.
struct PcmShape {
  int rate = 24000;  // Hz
  int channels = 1;

  bool operator==(const PcmShape&) const = default;
};
inline constexpr int kLowestRate = 8000;
inline constexpr int kHighestRate = 96000;

class AudioEncoder {
 public:
  virtual ~AudioEncoder() = default;

  // Appends what is ready. Pieces may end within a sample.
  [[nodiscard]] Result<> feed(std::string_view pcm, std::string& out);
  // The rest; nothing may be fed afterwards. Half a sample at the end is dropped.
  [[nodiscard]] Result<> finish(std::string& out);

 protected:
  explicit AudioEncoder(PcmShape shape) : shape_(shape) {}

  // Whole samples of all channels.
  virtual Result<> encode(std::span<const std::int16_t> samples, std::string& out) = 0;
  virtual Result<> end(std::string& out) = 0;

  const PcmShape& shape() const { return shape_; }

 private:
  const PcmShape shape_;
  std::string partial_;                // of a sample
  std::vector<std::int16_t> samples_;  // aligned
};

// `samples`: how many will come for each channel, where that is known: headers then
// tell the length. An error (kUnsupported): the format has no such rate or channels.
[[nodiscard]] Result<std::unique_ptr<AudioEncoder>> make_audio_encoder(
    AudioFormat format, PcmShape shape, std::optional<std::uint64_t> samples = std::nullopt);

}  // namespace wasat::media
