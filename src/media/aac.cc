// AAC-LC in ADTS by vo-aacenc.

#include <algorithm>

extern "C" {
#include <vo-aacenc/cmnMemory.h>
#include <vo-aacenc/voAAC.h>
}

#include "media/formats.h"

namespace wasat::media {
namespace {

constexpr std::size_t kFrame = 1024;   // samples for each channel
constexpr int kBitrate = 64000;        // bit/s for a channel
constexpr int kMostBitsPerSample = 5;  // a frame has at most 6144 bits for a channel
constexpr int kRates[] = {8000,  11025, 12000, 16000, 22050, 24000,
                          32000, 44100, 48000, 64000, 88200, 96000};

VO_MEM_OPERATOR memory() {
  VO_MEM_OPERATOR memory{};
  memory.Alloc = cmnMemAlloc;
  memory.Free = cmnMemFree;
  memory.Set = cmnMemSet;
  memory.Copy = cmnMemCopy;
  memory.Check = cmnMemCheck;
  return memory;
}

class Aac final : public AudioEncoder {
 public:
  explicit Aac(PcmShape shape) : AudioEncoder(shape) {}
  ~Aac() override {
    if (handle_ != nullptr) api_.Uninit(handle_);
  }
  Aac(const Aac&) = delete;
  Aac& operator=(const Aac&) = delete;

  bool open() {
    if (voGetAACEncAPI(&api_) != VO_ERR_NONE) return false;
    VO_CODEC_INIT_USERDATA data{};
    data.memflag = VO_IMF_USERMEMOPERATOR;
    data.memData = &memory_;
    if (api_.Init(&handle_, VO_AUDIO_CodingAAC, &data) != VO_ERR_NONE) {
      handle_ = nullptr;
      return false;
    }
    AACENC_PARAM parameters{};
    parameters.sampleRate = shape().rate;
    parameters.nChannels = static_cast<short>(shape().channels);
    parameters.bitRate = std::min(kBitrate, shape().rate * kMostBitsPerSample) * shape().channels;
    parameters.adtsUsed = 1;
    return api_.SetParam(handle_, VO_PID_AAC_ENCPARAM, &parameters) == VO_ERR_NONE;
  }

 private:
  std::size_t frame_size() const { return kFrame * static_cast<std::size_t>(shape().channels); }

  Result<> encode(std::span<const std::int16_t> samples, std::string& out) override {
    while (!samples.empty()) {
      const std::size_t n = std::min(samples.size(), frame_size() - waiting_.size());
      waiting_.insert(waiting_.end(), samples.begin(), samples.begin() + static_cast<long>(n));
      samples = samples.subspan(n);
      if (waiting_.size() == frame_size() && !encode_frame(out)) return coder_failed("AAC");
    }
    return {};
  }

  // The encoder is one frame behind: silence brings out the last.
  Result<> end(std::string& out) override {
    if (!any_ && waiting_.empty()) return {};
    const int frames = waiting_.empty() ? 1 : 2;
    for (int i = 0; i < frames; ++i) {
      waiting_.resize(frame_size());
      if (!encode_frame(out)) return coder_failed("AAC");
    }
    return {};
  }

  // Encodes waiting_, which is one frame, and clears it.
  bool encode_frame(std::string& out) {
    any_ = true;
    VO_CODECBUFFER input{};
    input.Buffer = reinterpret_cast<VO_PBYTE>(waiting_.data());
    input.Length = waiting_.size() * sizeof(std::int16_t);
    if (api_.SetInputData(handle_, &input) != VO_ERR_NONE) return false;
    constexpr std::size_t kRoom = 8192;  // an ADTS frame's length has 13 bits
    const std::size_t begin = out.size();
    out.resize(begin + kRoom);
    VO_CODECBUFFER output{};
    output.Buffer = reinterpret_cast<VO_PBYTE>(out.data() + begin);
    output.Length = kRoom;
    VO_AUDIO_OUTPUTINFO info{};
    const bool good = api_.GetOutputData(handle_, &output, &info) == VO_ERR_NONE;
    out.resize(begin + (good ? output.Length : 0));
    waiting_.clear();
    return good;
  }

  VO_MEM_OPERATOR memory_ = memory();
  VO_AUDIO_CODECAPI api_{};
  VO_HANDLE handle_ = nullptr;
  std::vector<std::int16_t> waiting_;
  bool any_ = false;
};

}  // namespace

EncoderResult make_aac(PcmShape shape) {
  if (std::ranges::find(kRates, shape.rate) == std::end(kRates)) {
    return fail(client_error(ErrorKind::kUnsupported, "AAC has no sample rate of " +
                                                          std::to_string(shape.rate) +
                                                          " Hz. Use wav, pcm, opus or mp3."));
  }
  auto aac = std::make_unique<Aac>(shape);
  if (!aac->open()) return coder_failed("AAC");
  return aac;
}

}  // namespace wasat::media
