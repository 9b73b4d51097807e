#include "dialect/openai_media/speech_encoder.h"

#include <algorithm>
#include <charconv>

#include "base/base64.h"
#include "dialect/openai_errors.h"
#include "dialect/openai_media/answer_notes.h"
#include "json/writer.h"

namespace wasat::dialect::openai_media {
namespace {

// Of audio in one event: clients have readers with bounded lines (a multiple of 3,
// so that only the last event is padded).
constexpr std::size_t kMostInEvent = 48 * 1024;

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
  });
  return out;
}

// The number behind "rate=".
std::optional<int> parameter(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(std::string(name) + "=");
  if (at == text.npos) return std::nullopt;
  const char* const begin = text.data() + at + name.size() + 1;
  int value = 0;
  const auto [end, error] = std::from_chars(begin, text.data() + text.size(), value);
  if (error != std::errc()) return std::nullopt;
  return value;
}

Error broken_audio(std::string_view why) {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                        "The upstream's audio cannot be used: " + std::string(why) + ".");
}

class SpeechEncoder : public Encoder {
 public:
  explicit SpeechEncoder(SpeechShape shape) : shape_(shape), notes_(shape.now) {}

  std::string_view content_type() const override {
    return shape_.events ? "text/event-stream" : media::content_type(shape_.format);
  }
  bool heavy() const override { return true; }

  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string& out) override {
    const Result<json::Value> root = notes_.read(frame, tally);
    if (!root) return fail(root.error());
    for (const json::Value part : answer_parts(*root)) {
      if (const json::Value data = part["inlineData"]; data.is_object()) {
        if (Result<> fed = take(data, out); !fed) return fed;
        tally.content = true;
      } else {
        said_ += part["text"].string_or("");
      }
    }
    if (shape_.events) append_audio_events(out, false);
    return {};
  }

  Result<> finish(gemini::Tally&, std::string& out) override {
    if (coder_ == nullptr && pcm_.empty()) return fail(notes_.nothing("no audio", said_));
    if (shape_.whole) {
      if (Result<> made = make_coder(pcm_.size() / 2 / static_cast<unsigned>(pcm_shape_.channels));
          !made) {
        return made;
      }
      if (Result<> fed = coder_->feed(pcm_, audio(out)); !fed) return fed;
    }
    if (Result<> ended = coder_->finish(audio(out)); !ended) return ended;
    if (shape_.events) {
      append_audio_events(out, true);
      append_done(out);
    }
    return {};
  }

  // Audio has no form for an error: the answer just ends.
  void error(const Error& error, std::string& out) override {
    if (!shape_.events) return;
    out += "event: error\ndata: ";
    openai::append_error(out, error);
    out += "\n\n";
  }
  void heartbeat(std::string& out) override {
    if (shape_.events) out += ": keep-alive\n\n";
  }

 private:
  // Events hold base64 of what is encoded; everything else is what is encoded.
  std::string& audio(std::string& out) { return shape_.events ? waiting_ : out; }

  Result<> take(json::Value data, std::string& out) {
    const std::optional<std::string_view> text = data["data"].string();
    const std::optional<std::string> bytes = text ? from_base64(*text) : std::nullopt;
    if (!bytes) return fail(broken_audio("it is no base64"));
    if (!known_) {
      const auto found = pcm_shape(data["mimeType"].string_or(""));
      if (!found) return fail(broken_audio("it is no PCM"));
      pcm_shape_ = *found;
      known_ = true;
    }
    if (shape_.whole) {
      pcm_ += *bytes;
      return {};
    }
    if (coder_ == nullptr) {
      if (Result<> made = make_coder(std::nullopt); !made) return made;
    }
    return coder_->feed(*bytes, audio(out));
  }

  Result<> make_coder(std::optional<std::uint64_t> samples) {
    auto coder = media::make_audio_encoder(shape_.format, pcm_shape_, samples);
    if (!coder) return fail(std::move(coder.error()));
    coder_ = std::move(*coder);
    return {};
  }

  void append_audio_events(std::string& out, bool all) {
    std::string_view rest = waiting_;
    const std::size_t least = all ? 1 : 3;
    while (rest.size() >= least) {
      std::size_t size = std::min(rest.size(), kMostInEvent);
      if (!all || size == kMostInEvent) size -= size % 3;
      out += R"(data: {"type":"speech.audio.delta","audio":")";
      append_base64(out, rest.substr(0, size));
      out += "\"}\n\n";
      rest.remove_prefix(size);
    }
    waiting_ = std::string(rest);
  }

  void append_done(std::string& out) const {
    const Tokens tokens = notes_.tokens();
    out += R"(data: {"type":"speech.audio.done","usage":)";
    json::Writer writer(out);
    writer.begin_object().member("input_tokens", tokens.input);
    writer.member("output_tokens", tokens.output).member("total_tokens", tokens.total());
    writer.end_object();
    out += "}\n\n";
  }

  const SpeechShape shape_;
  AnswerNotes notes_;
  media::PcmShape pcm_shape_;
  bool known_ = false;
  std::unique_ptr<media::AudioEncoder> coder_;
  std::string pcm_;      // of the whole answer
  std::string waiting_;  // encoded, not yet in an event
  std::string said_;
};

}  // namespace

std::optional<media::PcmShape> pcm_shape(std::string_view mime_type) {
  const std::string type = lower_case(mime_type);
  if (!type.starts_with("audio/l16") && !type.starts_with("audio/pcm") &&
      type.find("codec=pcm") == type.npos) {
    return std::nullopt;
  }
  media::PcmShape shape;
  if (const auto rate = parameter(type, "rate");
      rate && *rate >= media::kLowestRate && *rate <= media::kHighestRate) {
    shape.rate = *rate;
  }
  if (const auto channels = parameter(type, "channels"); channels == 2) shape.channels = 2;
  return shape;
}

std::unique_ptr<Encoder> make_speech_encoder(SpeechShape shape) {
  return std::make_unique<SpeechEncoder>(shape);
}

}  // namespace wasat::dialect::openai_media
