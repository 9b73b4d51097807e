#include "http/decoder.h"

#include <brotli/decode.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>

namespace wasat::http {
namespace {

// zlib counts in 32 bits.
constexpr std::size_t kMostAtOnce = 1u << 30;

// gzip; or deflate, which some write raw and some, rightly, in zlib's form.
class Inflater final : public Decoder {
 public:
  explicit Inflater(int window_bits) { usable_ = inflateInit2(&stream_, window_bits) == Z_OK; }
  ~Inflater() override {
    if (usable_) inflateEnd(&stream_);
  }
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;
  bool usable() const { return usable_; }

  Step step(std::string_view in, std::span<char> out) override {
    if (ended_ && !in.empty()) {
      // Another member.
      if (inflateReset(&stream_) != Z_OK) return {.state = State::kBroken};
      ended_ = false;
    }
    if (ended_) return {.state = State::kEnded};
    const std::size_t offered = std::min(in.size(), kMostAtOnce);
    const std::size_t room = std::min(out.size(), kMostAtOnce);
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(in.data()));
    stream_.avail_in = static_cast<uInt>(offered);
    stream_.next_out = reinterpret_cast<Bytef*>(out.data());
    stream_.avail_out = static_cast<uInt>(room);
    const int status = inflate(&stream_, Z_NO_FLUSH);
    ended_ = status == Z_STREAM_END;
    const bool good = ended_ || status == Z_OK || status == Z_BUF_ERROR;
    return {.used = offered - stream_.avail_in,
            .made = room - stream_.avail_out,
            .state = ended_ ? State::kEnded
                     : good ? State::kGoing
                            : State::kBroken};
  }

 private:
  z_stream stream_{};
  bool usable_ = false;
  bool ended_ = false;
};

class Deflate final : public Decoder {
 public:
  Step step(std::string_view in, std::span<char> out) override {
    if (decoder_ == nullptr) {
      // RFC 1950 section 2.2: method 8 in the low bits, and a checksum of both bytes.
      const bool zlib =
          in.size() >= 2 && (in[0] & 0x0f) == 8 &&
          (static_cast<unsigned char>(in[0]) * 256 + static_cast<unsigned char>(in[1])) % 31 == 0;
      decoder_ = std::make_unique<Inflater>(zlib ? 15 : -15);
      if (!decoder_->usable()) return {.state = State::kBroken};
    }
    return decoder_->step(in, out);
  }

 private:
  std::unique_ptr<Inflater> decoder_;
};

class Brotli final : public Decoder {
 public:
  Brotli() : state_(BrotliDecoderCreateInstance(nullptr, nullptr, nullptr)) {}
  ~Brotli() override { BrotliDecoderDestroyInstance(state_); }
  Brotli(const Brotli&) = delete;
  Brotli& operator=(const Brotli&) = delete;
  bool usable() const { return state_ != nullptr; }

  Step step(std::string_view in, std::span<char> out) override {
    std::size_t in_left = in.size();
    const auto* next_in = reinterpret_cast<const std::uint8_t*>(in.data());
    std::size_t out_left = out.size();
    auto* next_out = reinterpret_cast<std::uint8_t*>(out.data());
    const BrotliDecoderResult result =
        BrotliDecoderDecompressStream(state_, &in_left, &next_in, &out_left, &next_out, nullptr);
    return {.used = in.size() - in_left,
            .made = out.size() - out_left,
            .state = result == BROTLI_DECODER_RESULT_SUCCESS ? State::kEnded
                     : result == BROTLI_DECODER_RESULT_ERROR ? State::kBroken
                                                             : State::kGoing};
  }

 private:
  BrotliDecoderState* state_;
};

class Zstd final : public Decoder {
 public:
  // RFC 8878 section 3.1.1.1.2: 8 MiB are what decoders should at least support, and
  // what a stranger may make us hold.
  static constexpr int kWindowLog = 23;

  Zstd() : context_(ZSTD_createDCtx()) {
    if (context_ != nullptr) ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, kWindowLog);
  }
  ~Zstd() override { ZSTD_freeDCtx(context_); }
  Zstd(const Zstd&) = delete;
  Zstd& operator=(const Zstd&) = delete;
  bool usable() const { return context_ != nullptr; }

  Step step(std::string_view in, std::span<char> out) override {
    ZSTD_inBuffer from{in.data(), in.size(), 0};
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    const std::size_t result = ZSTD_decompressStream(context_, &to, &from);
    return {.used = from.pos,
            .made = to.pos,
            .state = ZSTD_isError(result) != 0 ? State::kBroken
                     : result == 0             ? State::kEnded
                                               : State::kGoing};
  }

 private:
  ZSTD_DCtx* context_;
};

template <class T, class... Arguments>
std::unique_ptr<Decoder> usable(Arguments... arguments) {
  auto decoder = std::make_unique<T>(arguments...);
  return decoder->usable() ? std::move(decoder) : nullptr;
}

}  // namespace

std::unique_ptr<Decoder> make_decoder(ContentCoding coding) {
  switch (coding) {
    case ContentCoding::kGzip:
      return usable<Inflater>(15 + 16);
    case ContentCoding::kDeflate:
      return std::make_unique<Deflate>();
    case ContentCoding::kBrotli:
      return usable<Brotli>();
    case ContentCoding::kZstd:
      return usable<Zstd>();
    case ContentCoding::kIdentity:
      break;
  }
  return nullptr;
}

}  // namespace wasat::http
