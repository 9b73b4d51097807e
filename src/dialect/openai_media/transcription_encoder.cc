#include "dialect/openai_media/transcription_encoder.h"

#include "dialect/openai_errors.h"
#include "dialect/openai_media/answer_notes.h"
#include "dialect/openai_media/transcript.h"
#include "json/writer.h"

namespace wasat::dialect::openai_media {
namespace {

bool is_json(TranscriptFormat format) {
  return format == TranscriptFormat::kJson || format == TranscriptFormat::kVerboseJson ||
         format == TranscriptFormat::kDiarizedJson;
}

void append_usage(json::Writer& writer, const Tokens& tokens) {
  writer.key("usage").begin_object().member("type", "tokens");
  writer.member("input_tokens", tokens.input);
  writer.key("input_token_details").begin_object();
  writer.member("text_tokens", tokens.input_text).member("audio_tokens", tokens.input_other);
  writer.end_object();
  writer.member("output_tokens", tokens.output).member("total_tokens", tokens.total());
  writer.end_object();
}

class TranscriptionEncoder : public Encoder {
 public:
  explicit TranscriptionEncoder(TranscriptionShape shape) : shape_(shape), notes_(shape.now) {}

  std::string_view content_type() const override {
    if (shape_.stream) return "text/event-stream";
    return is_json(shape_.format) ? "application/json" : "text/plain; charset=utf-8";
  }

  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string& out) override {
    const Result<json::Value> root = notes_.read(frame, tally);
    if (!root) return fail(root.error());
    const std::size_t before = text_.size();
    for (const json::Value part : answer_parts(*root)) text_ += part["text"].string_or("");
    if (text_.size() != before) tally.content = true;
    if (shape_.stream) append_delta(out, false);
    return {};
  }

  Result<> finish(gemini::Tally& tally, std::string& out) override {
    if (text_.empty()) return fail(notes_.nothing("no text", ""));
    if (tally.finish_reason == "MAX_TOKENS" && timed()) {
      return fail(upstream_error(ErrorKind::kUnsupported, Retry::kNever,
                                 "The audio is too long for a transcript with times in one "
                                 "answer. Ask for response_format text, or send it in pieces."));
    }
    if (timed()) return finish_timed(out);
    trim();
    if (is_silence()) text_.clear();
    if (shape_.stream) {
      append_delta(out, true);
      append_done(out);
    } else if (shape_.format == TranscriptFormat::kText) {
      out.append(text_).append("\n");
    } else {
      json::Writer writer(out);
      writer.begin_object().member("text", text_);
      append_usage(writer, notes_.tokens());
      writer.end_object();
    }
    return {};
  }

  void error(const Error& error, std::string& out) override {
    out += "event: error\ndata: ";
    openai::append_error(out, error);
    out += "\n\n";
  }
  void heartbeat(std::string& out) override { out += ": keep-alive\n\n"; }

 private:
  bool timed() const {
    return shape_.format != TranscriptFormat::kJson && shape_.format != TranscriptFormat::kText;
  }
  bool is_silence() const { return text_ == kNoSpeech; }

  // Models end with a new line; what has been sent stays.
  void trim() {
    while (text_.size() > sent_ && (text_.back() == '\n' || text_.back() == ' ')) text_.pop_back();
  }

  // The text that was not sent yet, but for what might become kNoSpeech and white space at the end.
  void append_delta(std::string& out, bool last) {
    if (!last && kNoSpeech.starts_with(text_)) return;
    std::size_t end = text_.size();
    while (!last && end > sent_ && (text_[end - 1] == '\n' || text_[end - 1] == ' ')) --end;
    if (end <= sent_) return;
    out += R"(data: {"type":"transcript.text.delta","delta":)";
    json::append_string(out, std::string_view(text_).substr(sent_, end - sent_));
    out += "}\n\n";
    sent_ = end;
  }

  void append_done(std::string& out) const {
    out += "data: ";
    json::Writer writer(out);
    writer.begin_object().member("type", "transcript.text.done").member("text", text_);
    append_usage(writer, notes_.tokens());
    writer.end_object();
    out += "\n\n";
  }

  Result<> finish_timed(std::string& out) {
    const auto json = Buffer::copy_of(text_);
    const std::optional<Transcript> transcript = read_transcript(json->padded());
    if (!transcript) {
      return fail(upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential,
                                 "The model's transcript has no times. Trying again may help, or "
                                 "response_format text."));
    }
    if (shape_.format == TranscriptFormat::kSrt) {
      out += as_srt(*transcript);
    } else if (shape_.format == TranscriptFormat::kVtt) {
      out += as_vtt(*transcript);
    } else {
      append_json(out, *transcript);
    }
    return {};
  }

  void append_json(std::string& out, const Transcript& transcript) const {
    const bool diarized = shape_.format == TranscriptFormat::kDiarizedJson;
    json::Writer writer(out);
    writer.begin_object().member("task", shape_.translate ? "translate" : "transcribe");
    if (!diarized) {
      writer.member("language", shape_.translate ? "english" : transcript.language);
    }
    writer.member("duration", transcript.duration()).member("text", transcript.text());
    if (shape_.words) {
      writer.key("words").begin_array();
      for (const Transcript::Span& word : transcript.words) {
        writer.begin_object().member("word", word.text);
        writer.member("start", word.start).member("end", word.end).end_object();
      }
      writer.end_array();
    }
    writer.key("segments").begin_array();
    std::int64_t number = 0;
    for (const Transcript::Span& segment : transcript.segments) {
      writer.begin_object();
      if (diarized) {
        writer.member("type", "transcript.text.segment");
        writer.member("id", "seg_" + std::to_string(number++));
        writer.member("speaker", segment.speaker);
      } else {
        // Whisper's figures of its own search, which Gemini does not have.
        writer.member("id", number++).member("seek", 0).key("tokens").begin_array().end_array();
        writer.member("temperature", 0).member("avg_logprob", 0);
        writer.member("compression_ratio", 0).member("no_speech_prob", 0);
      }
      writer.member("start", segment.start).member("end", segment.end);
      writer.member("text", segment.text).end_object();
    }
    writer.end_array();
    append_usage(writer, notes_.tokens());
    writer.end_object();
  }

  const TranscriptionShape shape_;
  AnswerNotes notes_;
  std::string text_;
  std::size_t sent_ = 0;  // of text_
};

}  // namespace

std::unique_ptr<Encoder> make_transcription_encoder(TranscriptionShape shape) {
  return std::make_unique<TranscriptionEncoder>(shape);
}

}  // namespace wasat::dialect::openai_media
