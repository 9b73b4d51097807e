#include "dialect/openai_media/embeddings_encoder.h"

#include <bit>
#include <charconv>
#include <cmath>

#include "base/base64.h"
#include "dialect/openai_media/answer_notes.h"
#include "json/writer.h"

namespace wasat::dialect::openai_media {
namespace {

static_assert(std::endian::native == std::endian::little, "floats are copied as they are");

// From here on numbers are not converted on a worker's thread.
constexpr std::size_t kConvertedInPlace = 4;
// Nearer to length 1 than this is length 1.
constexpr double kTolerance = 1e-3;

Error not_understood() {
  return upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                        "The upstream's embeddings cannot be understood.");
}

bool read_numbers(json::Value values, std::vector<double>& numbers) {
  numbers.clear();
  for (const json::Value value : values) {
    const std::optional<double> number = value.number();
    if (!number) return false;
    numbers.push_back(*number);
  }
  return true;
}

// To length 1, as OpenAI's are; Gemini leaves shortened ones as they are
// (ai.google.dev/gemini-api/docs/embeddings). False: they had it already.
bool normalise(std::vector<double>& numbers) {
  double sum = 0;
  for (const double number : numbers) sum += number * number;
  const double length = std::sqrt(sum);
  if (!(length > 0) || !std::isfinite(length) || std::abs(length - 1) < kTolerance) return false;
  for (double& number : numbers) number /= length;
  return true;
}

class EmbeddingsEncoder : public Encoder {
 public:
  explicit EmbeddingsEncoder(EmbeddingsShape shape)
      : shape_(std::move(shape)),
        notes_(shape_.now),
        calls_((shape_.inputs + kEmbeddingsPerCall - 1) / kEmbeddingsPerCall) {}

  std::string_view content_type() const override { return "application/json"; }
  bool heavy() const override {
    return (shape_.base64 || shape_.shortened) && shape_.inputs > kConvertedInPlace;
  }

  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string&) override {
    const Result<json::Value> root = notes_.read(frame, tally);
    if (!root) return fail(root.error());
    if (frame.call >= calls_.size()) return fail(not_understood());
    tally.content = tally.finished = true;
    std::string& items = calls_[frame.call];
    items.clear();
    std::size_t index = frame.call * kEmbeddingsPerCall;
    const std::size_t end = std::min(index + kEmbeddingsPerCall, shape_.inputs);
    if (const json::Value one = (*root)["embedding"]; one.is_object()) {
      if (end != index + 1 || !append(items, one["values"], index)) return fail(not_understood());
      return {};
    }
    const json::Value embeddings = (*root)["embeddings"];
    if (embeddings.size() != end - index) return fail(not_understood());
    for (const json::Value embedding : embeddings) {
      if (!append(items, embedding["values"], index++)) return fail(not_understood());
    }
    return {};
  }

  Result<> finish(gemini::Tally&, std::string& out) override {
    for (const std::string& items : calls_) {
      if (items.empty()) return fail(not_understood());
    }
    out += R"({"object":"list","data":[)";
    bool first = true;
    for (const std::string& items : calls_) {
      if (!first) out += ',';
      first = false;
      out += items;
    }
    out += R"(],"model":)";
    json::append_string(out, shape_.model_label);
    std::int64_t tokens = notes_.tokens().input;
    if (tokens == 0) tokens = shape_.estimated_tokens;
    out += R"(,"usage":{"prompt_tokens":)" + std::to_string(tokens) + R"(,"total_tokens":)" +
           std::to_string(tokens) + "}}";
    return {};
  }

  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  bool append(std::string& out, json::Value values, std::size_t index) {
    if (!values.is_array() || values.size() == 0) return false;
    if (!out.empty()) out += ',';
    out += R"({"object":"embedding","index":)" + std::to_string(index) + R"(,"embedding":)";
    if (!append_vector(out, values)) return false;
    out += '}';
    return true;
  }

  bool append_vector(std::string& out, json::Value values) {
    const bool read = shape_.base64 || shape_.shortened;
    if (read && !read_numbers(values, numbers_)) return false;
    const bool changed = shape_.shortened && normalise(numbers_);
    if (shape_.base64) {
      append_floats(out);
    } else if (changed) {
      append_numbers(out);
    } else {
      return append_as_written(out, values);
    }
    return true;
  }

  void append_floats(std::string& out) {
    floats_.assign(numbers_.begin(), numbers_.end());
    out += '"';
    append_base64(out,
                  {reinterpret_cast<const char*>(floats_.data()), floats_.size() * sizeof(float)});
    out += '"';
  }

  void append_numbers(std::string& out) const {
    char separator = '[';
    for (const double number : numbers_) {
      out += separator;
      separator = ',';
      char text[32];
      const auto end = std::to_chars(text, text + sizeof(text), static_cast<float>(number));
      out.append(text, end.ptr);
    }
    out += ']';
  }

  // The upstream's own digits, without the lines that it puts them in.
  static bool append_as_written(std::string& out, json::Value values) {
    char separator = '[';
    for (const json::Value value : values) {
      if (!value.is_number()) return false;
      out += separator;
      separator = ',';
      out += value.raw();
    }
    out += ']';
    return true;
  }

  const EmbeddingsShape shape_;
  AnswerNotes notes_;
  std::vector<std::string> calls_;  // each one's items
  std::vector<double> numbers_;
  std::vector<float> floats_;
};

}  // namespace

std::unique_ptr<Encoder> make_embeddings_encoder(EmbeddingsShape shape) {
  return std::make_unique<EmbeddingsEncoder>(std::move(shape));
}

}  // namespace wasat::dialect::openai_media
