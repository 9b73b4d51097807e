// Opus in Ogg (RFC 7845). libopusenc would do all of this, but it aborts the
// program where a stream is too short for it.

#include <ogg/ogg.h>
#include <opus/opus.h>

#include <algorithm>
#include <array>

#include "media/formats.h"

namespace wasat::media {
namespace {

constexpr int kBitrate = 48000;       // bit/s for a channel
constexpr int kFramesPerSecond = 50;  // 20 ms, as RFC 7845 likes it
constexpr int kFramesPerPage = 10;    // a page each 200 ms, for streams
constexpr int kClock = 48000;         // of positions, whatever the rate
constexpr int kSerial = 1;            // one stream in each file
constexpr int kRates[] = {8000, 12000, 16000, 24000, 48000};
constexpr std::size_t kLargestPacket = 4000;  // as opus_encode's documentation advises

struct DestroyEncoder {
  void operator()(OpusEncoder* encoder) const { opus_encoder_destroy(encoder); }
};

void put(std::string& out, unsigned value, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(value >> (8 * i));
}

class Opus final : public AudioEncoder {
 public:
  Opus(PcmShape shape, std::unique_ptr<OpusEncoder, DestroyEncoder> encoder, int lookahead)
      : AudioEncoder(shape), encoder_(std::move(encoder)), skip_(lookahead * scale()) {
    ogg_stream_init(&ogg_, kSerial);
  }
  ~Opus() override { ogg_stream_clear(&ogg_); }
  Opus(const Opus&) = delete;
  Opus& operator=(const Opus&) = delete;

 private:
  int scale() const { return kClock / shape().rate; }
  std::size_t frame_size() const {
    return static_cast<std::size_t>(shape().rate / kFramesPerSecond) *
           static_cast<std::size_t>(shape().channels);
  }

  Result<> encode(std::span<const std::int16_t> samples, std::string& out) override {
    fed_ += static_cast<std::int64_t>(samples.size()) / shape().channels * scale();
    while (!samples.empty()) {
      const std::size_t n = std::min(samples.size(), frame_size() - waiting_.size());
      waiting_.insert(waiting_.end(), samples.begin(), samples.begin() + static_cast<long>(n));
      samples = samples.subspan(n);
      if (waiting_.size() < frame_size()) break;
      if (!encode_frame(false, out)) return coder_failed("Opus");
    }
    return {};
  }

  // Silence until the last sample has come through the encoder; the last page's
  // position says where the sound ends within it.
  Result<> end(std::string& out) override {
    const int step = kClock / kFramesPerSecond;
    const std::int64_t needed = fed_ + skip_;
    do {
      waiting_.resize(frame_size());
      if (!encode_frame(encoded_ + step >= needed, out)) return coder_failed("Opus");
    } while (encoded_ < needed);
    return {};
  }

  // Encodes waiting_, which is one frame, and clears it.
  bool encode_frame(bool last, std::string& out) {
    if (encoded_ == 0) put_heads(out);
    std::array<unsigned char, kLargestPacket> packet;
    const int size = opus_encode(encoder_.get(), waiting_.data(), shape().rate / kFramesPerSecond,
                                 packet.data(), static_cast<opus_int32>(packet.size()));
    waiting_.clear();
    if (size < 0) return false;
    encoded_ += kClock / kFramesPerSecond;
    const std::int64_t position = last ? fed_ + skip_ : encoded_;
    put_packet({reinterpret_cast<const char*>(packet.data()), static_cast<std::size_t>(size)},
               position, last);
    const bool full = ++frames_ % kFramesPerPage == 0;
    take_pages(full || last, out);
    return true;
  }

  // Each on a page of its own: OpusHead and OpusTags (RFC 7845, section 5).
  void put_heads(std::string& out) {
    std::string head = "OpusHead";
    put(head, 1, 1);  // version
    put(head, static_cast<unsigned>(shape().channels), 1);
    put(head, static_cast<unsigned>(skip_), 2);
    put(head, static_cast<unsigned>(shape().rate), 4);
    put(head, 0, 2);  // gain
    put(head, 0, 1);  // mapping family
    put_packet(head, 0, false);
    take_pages(true, out);
    const std::string_view vendor = opus_get_version_string();
    std::string tags = "OpusTags";
    put(tags, static_cast<unsigned>(vendor.size()), 4);
    tags += vendor;
    put(tags, 0, 4);
    put_packet(tags, 0, false);
    take_pages(true, out);
  }

  void put_packet(std::string_view bytes, std::int64_t position, bool last) {
    ogg_packet packet{};
    // libogg copies, and does not write.
    packet.packet = reinterpret_cast<unsigned char*>(const_cast<char*>(bytes.data()));
    packet.bytes = static_cast<long>(bytes.size());
    packet.b_o_s = packets_ == 0 ? 1 : 0;
    packet.e_o_s = last ? 1 : 0;
    packet.granulepos = position;
    packet.packetno = packets_++;
    ogg_stream_packetin(&ogg_, &packet);
  }

  void take_pages(bool all, std::string& out) {
    ogg_page page;
    while ((all ? ogg_stream_flush(&ogg_, &page) : ogg_stream_pageout(&ogg_, &page)) != 0) {
      out.append(reinterpret_cast<const char*>(page.header),
                 static_cast<std::size_t>(page.header_len));
      out.append(reinterpret_cast<const char*>(page.body), static_cast<std::size_t>(page.body_len));
    }
  }

  std::unique_ptr<OpusEncoder, DestroyEncoder> encoder_;
  ogg_stream_state ogg_{};
  const int skip_;  // what comes out before the first sample
  std::vector<std::int16_t> waiting_;
  std::int64_t fed_ = 0;  // at 48 kHz, as the next
  std::int64_t encoded_ = 0;
  std::int64_t packets_ = 0;
  int frames_ = 0;
};

}  // namespace

EncoderResult make_opus(PcmShape shape) {
  if (std::ranges::find(kRates, shape.rate) == std::end(kRates)) {
    return fail(client_error(
        ErrorKind::kUnsupported,
        "Opus has no sample rate of " + std::to_string(shape.rate) + " Hz. Use wav, pcm or mp3."));
  }
  int error = OPUS_OK;
  std::unique_ptr<OpusEncoder, DestroyEncoder> encoder(
      opus_encoder_create(shape.rate, shape.channels, OPUS_APPLICATION_AUDIO, &error));
  if (encoder == nullptr || error != OPUS_OK) return coder_failed("Opus");
  opus_int32 lookahead = 0;
  if (opus_encoder_ctl(encoder.get(), OPUS_SET_BITRATE(kBitrate * shape.channels)) != OPUS_OK ||
      opus_encoder_ctl(encoder.get(), OPUS_GET_LOOKAHEAD(&lookahead)) != OPUS_OK) {
    return coder_failed("Opus");
  }
  return std::make_unique<Opus>(shape, std::move(encoder), lookahead);
}

}  // namespace wasat::media
