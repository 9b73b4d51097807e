#include "dialect/openai_media/transcription.h"

#include <algorithm>

#include "dialect/openai_media/media_input.h"
#include "dialect/openai_media/tables.h"
#include "dialect/openai_media/transcription_encoder.h"
#include "gemini/model_names.h"
#include "gemini/model_table.h"

namespace wasat::dialect::openai_media {
namespace {

struct TranscriptionRequest {
  std::shared_ptr<Source> source;
  std::string model;
  MediaInput audio;
  std::string language;
  std::string prompt;
  std::optional<double> temperature;
  TranscriptFormat format = TranscriptFormat::kJson;
  bool words = false;  // times of single words
  bool translate = false;
  bool stream = false;

  // Whether the model must tell who speaks when.
  bool timed() const {
    return format != TranscriptFormat::kJson && format != TranscriptFormat::kText;
  }
};

std::optional<TranscriptFormat> format_of(std::string_view name) {
  if (name.empty() || name == "json") return TranscriptFormat::kJson;
  if (name == "text") return TranscriptFormat::kText;
  if (name == "verbose_json") return TranscriptFormat::kVerboseJson;
  if (name == "diarized_json") return TranscriptFormat::kDiarizedJson;
  if (name == "srt") return TranscriptFormat::kSrt;
  if (name == "vtt") return TranscriptFormat::kVtt;
  return std::nullopt;
}

// What the first bytes say, for files without a name or type.
std::string_view sniffed_audio_type(std::string_view bytes) {
  if (bytes.starts_with("RIFF") && bytes.substr(0, 12).ends_with("WAVE")) return "audio/wav";
  if (bytes.starts_with("OggS")) return "audio/ogg";
  if (bytes.starts_with("fLaC")) return "audio/flac";
  if (bytes.starts_with("ID3") || bytes.starts_with("\xFF\xFB")) return "audio/mp3";
  if (bytes.size() > 8 && bytes.substr(4, 4) == "ftyp") return "audio/mp4";
  if (bytes.starts_with("\x1A\x45\xDF\xA3")) return "audio/webm";
  return {};
}

// In Gemini's spelling (ai.google.dev/gemini-api/docs/audio).
std::string audio_type(const http::FormPart& file) {
  std::string type = mime_type_of(file, "");
  if (type.empty()) type = sniffed_audio_type(file.bytes);
  if (type.empty()) return "audio/mp3";
  if (type == "audio/mpeg" || type == "audio/mpga") return "audio/mp3";
  if (type == "audio/x-wav" || type == "audio/wave" || type == "audio/vnd.wave") return "audio/wav";
  if (type == "audio/x-m4a" || type == "audio/m4a" || type == "video/mp4") return "audio/mp4";
  if (type == "audio/x-flac") return "audio/flac";
  if (type == "video/webm") return "audio/webm";
  return type;
}

Result<TranscriptionRequest> read_transcription(const Request& request, bool translate) {
  Result<Input> read = Input::read(request);
  if (!read) return fail(std::move(read.error()));
  Input& input = *read;
  TranscriptionRequest wanted{.source = input.source(), .translate = translate};
  wanted.model = gemini::clean_model_name(input.text("model").value_or(""));
  wanted.language = input.text("language").value_or("");
  wanted.prompt = input.text("prompt").value_or("");
  wanted.temperature = input.number("temperature");
  wanted.stream = input.boolean("stream");
  const std::string format = input.text("response_format").value_or("");
  if (const auto known = format_of(format)) {
    wanted.format = *known;
  } else {
    input.wrong(
        "'response_format' must be one of json, text, srt, verbose_json, vtt and diarized_json.",
        "response_format");
  }
  const std::vector<std::string> granularities = input.texts("timestamp_granularities");
  wanted.words = wanted.format == TranscriptFormat::kVerboseJson &&
                 std::ranges::find(granularities, "word") != granularities.end();
  if (input.problem()) return fail(*input.problem());
  if (wanted.timed()) wanted.stream = false;  // as OpenAI does
  if (!input.is_form()) {
    // Not OpenAI's: a data URL or an address within JSON.
    const json::Value file = input.json("file");
    if (!file || file.is_null()) return fail(missing("file"));
    Result<MediaInput> media = described_media(*wanted.source, file, "file");
    if (!media) return fail(std::move(media.error()));
    wanted.audio = std::move(*media);
    return wanted;
  }
  const std::vector<const http::FormPart*> files = input.files("file");
  if (files.empty()) return fail(missing("file"));
  if (files.front()->bytes.empty()) {
    return fail(client_error(ErrorKind::kInvalidRequest, "'file' is empty.", "file"));
  }
  wanted.audio = uploaded_media(*wanted.source, *files.front(), audio_type(*files.front()));
  return wanted;
}

std::string words_for(const TranscriptionRequest& request) {
  std::string words =
      request.translate
          ? "Translate the speech in this audio into English."
          : "Transcribe the speech in this audio word for word, in the language that is spoken.";
  if (request.timed()) {
    words +=
        " Divide it into segments of at most two sentences, in order, each with the seconds from "
        "the beginning of the audio at which it starts and ends, to two decimal places.";
    if (request.words) words += " Give the same times for every single word.";
    if (request.format == TranscriptFormat::kDiarizedJson) {
      words +=
          " Begin a new segment whenever the speaker changes; name the speakers A, B and so on.";
    }
    words += " Give the name of the language in English, in lower case.";
  } else {
    words +=
        " Answer with that text alone: no comments, no labels, no times. If nobody speaks, "
        "answer with ";
    words.append(kNoSpeech).append(".");
  }
  if (!request.language.empty()) {
    words += " The language that is spoken: " + request.language + ".";
  }
  if (!request.prompt.empty()) {
    words +=
        "\n\nThese words may help with names, spelling and style; they are not part of the "
        "audio:\n" +
        request.prompt;
  }
  return words;
}

void write_type(json::Writer& writer, std::string_view name, std::string_view type) {
  writer.key(name).begin_object().member("type", type).end_object();
}

void write_list_of_spans(json::Writer& writer, std::string_view name, std::string_view text,
                         bool speaker) {
  writer.key(name).begin_object().member("type", "ARRAY").key("items").begin_object();
  writer.member("type", "OBJECT").key("properties").begin_object();
  if (speaker) write_type(writer, "speaker", "STRING");
  write_type(writer, "start", "NUMBER");
  write_type(writer, "end", "NUMBER");
  write_type(writer, text, "STRING");
  writer.end_object().key("required").begin_array();
  if (speaker) writer.string("speaker");
  writer.string("start").string("end").string(text).end_array();
  writer.end_object().end_object();
}

void write_schema(json::Writer& writer, const TranscriptionRequest& request) {
  writer.member("responseMimeType", "application/json");
  writer.key("responseSchema").begin_object().member("type", "OBJECT");
  writer.key("properties").begin_object();
  write_type(writer, "language", "STRING");
  write_list_of_spans(writer, "segments", "text",
                      request.format == TranscriptFormat::kDiarizedJson);
  if (request.words) write_list_of_spans(writer, "words", "word", false);
  writer.end_object().key("required").begin_array().string("language").string("segments");
  if (request.words) writer.string("words");
  writer.end_array().end_object();
}

// Listening needs no thought: as little as the model allows.
void write_thinking(json::Writer& writer, const gemini::Thinking& thinking) {
  using Style = gemini::Thinking::Style;
  if (thinking.style == Style::kNone || thinking.off_by_default) return;
  writer.key("thinkingConfig").begin_object();
  if (thinking.style == Style::kLevel) {
    writer.member("thinkingLevel",
                  thinking_level_name(thinking.nearest(gemini::ThinkingLevel::kMinimal)));
  } else {
    writer.member("thinkingBudget", thinking.clamp_budget(0));
  }
  writer.end_object();
}

class Transcription : public Parsed {
 public:
  Transcription(TranscriptionRequest request, const Options& options)
      : request_(std::move(request)), options_(options) {
    model = request_.model.empty() ? std::string(gemini_model(Task::kTranscription, ""))
                                   : request_.model;
    stream = request_.stream;
    if (!request_.audio.url.empty()) needs.urls.push_back(request_.audio.url);
  }

  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings& findings) override {
    const std::string_view upstream_model = gemini_model(Task::kTranscription, chosen.name);
    std::string text;
    json::Splices splices;
    json::Writer writer(text, &splices);
    writer.begin_object().key("contents").begin_array().begin_object();
    writer.member("role", "user").key("parts").begin_array();
    if (Result<> written =
            write_media_part(writer, *request_.source, request_.audio, findings, "audio/mp3");
        !written) {
      return fail(std::move(written.error()));
    }
    writer.begin_object().member("text", words_for(request_)).end_object();
    writer.end_array().end_object().end_array();
    writer.key("generationConfig").begin_object();
    if (request_.temperature) writer.member("temperature", *request_.temperature);
    if (request_.timed()) write_schema(writer, request_);
    write_thinking(writer, gemini::model_family(upstream_model).thinking);
    writer.end_object();
    if (!options_.safety_settings.empty()) {
      writer.member_raw("safetySettings", options_.safety_settings);
    }
    writer.end_object();
    gemini::Call call;
    call.method =
        stream ? gemini::Method::kStreamGenerateContent : gemini::Method::kGenerateContent;
    call.model = upstream_model;
    call.body = json::to_body(std::move(text), splices, request_.source);
    if (!request_.audio.file.empty()) call.resources.push_back(request_.audio.file);
    return call;
  }

  std::unique_ptr<Encoder> encoder(const AnswerContext& context) override {
    return make_transcription_encoder({.now = context.created,
                                       .format = request_.format,
                                       .words = request_.words,
                                       .translate = request_.translate,
                                       .stream = request_.stream});
  }

 private:
  const TranscriptionRequest request_;
  const Options& options_;
};

}  // namespace

Result<std::unique_ptr<Parsed>> parse_transcription(const Request& request, bool translate) {
  Result<TranscriptionRequest> read = read_transcription(request, translate);
  if (!read) return fail(std::move(read.error()));
  return std::make_unique<Transcription>(std::move(*read), request.options);
}

}  // namespace wasat::dialect::openai_media
