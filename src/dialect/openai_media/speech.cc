#include "dialect/openai_media/speech.h"

#include <cmath>

#include "dialect/openai_media/input.h"
#include "dialect/openai_media/speech_encoder.h"
#include "dialect/openai_media/tables.h"
#include "gemini/model_names.h"
#include "json/writer.h"

namespace wasat::dialect::openai_media {
namespace {

struct SpeechRequest {
  std::string model;
  std::string input;
  std::string voice;
  std::string instructions;
  double speed = 1;
  media::AudioFormat format = media::AudioFormat::kMp3;
  bool events = false;  // stream_format "sse"
  bool stream = false;
};

// A name, or {"id": ...} for a voice of one's own.
std::string read_voice(Input& input) {
  const json::Value value = input.json("voice");
  if (value.is_object()) {
    for (const char* name : {"id", "name"}) {
      if (value[name].is_string()) return std::string(*value[name].string());
    }
  }
  return input.text("voice").value_or("");
}

Result<SpeechRequest> read_speech(const Request& request) {
  Result<Input> read = Input::read(request);
  if (!read) return fail(std::move(read.error()));
  Input& input = *read;
  SpeechRequest speech;
  speech.model = gemini::clean_model_name(input.text("model").value_or(""));
  speech.input = input.text("input").value_or("");
  speech.voice = read_voice(input);
  speech.instructions = input.text("instructions").value_or("");
  speech.speed = input.number("speed").value_or(1);
  if (!(speech.speed > 0) || speech.speed > 10) {
    input.wrong("'speed' must be a number from 0.25 to 4.", "speed");
  }
  const std::string wanted = input.text("response_format").value_or("mp3");
  if (const auto format = media::audio_format(wanted)) {
    speech.format = *format;
  } else {
    input.wrong("'response_format' must be one of mp3, opus, aac, flac, wav and pcm.",
                "response_format");
  }
  const std::string stream_format = input.text("stream_format").value_or("");
  if (!stream_format.empty() && stream_format != "sse" && stream_format != "audio") {
    input.wrong("'stream_format' must be 'audio' or 'sse'.", "stream_format");
  }
  if (input.problem()) return fail(*input.problem());
  if (speech.input.empty()) return fail(missing("input"));
  speech.events = stream_format == "sse";
  // The heads of WAV and FLAC tell the length, which a stream does not know: who
  // does not ask for a stream gets whole files.
  speech.stream = !stream_format.empty() || (speech.format != media::AudioFormat::kWav &&
                                             speech.format != media::AudioFormat::kFlac);
  return speech;
}

// The model speaks whatever it is given, unless it is told how and what.
std::string prompt_of(const SpeechRequest& speech) {
  const bool ordinary = std::abs(speech.speed - 1) < 0.01;
  if (ordinary && speech.instructions.empty()) return speech.input;
  std::string prompt = "Read the transcript below aloud.";
  if (!speech.instructions.empty()) prompt += " " + speech.instructions;
  if (!ordinary) {
    char text[32];
    (void)std::snprintf(text, sizeof(text), "%.3g", speech.speed);
    prompt += std::string(" Speak at ") + text + " times the usual speed.";
  }
  return prompt + "\n\n### Transcript\n" + speech.input;
}

class Speech : public Parsed {
 public:
  explicit Speech(SpeechRequest request) : request_(std::move(request)) {
    model = request_.model.empty() ? std::string(gemini_model(Task::kSpeech, "")) : request_.model;
    stream = request_.stream;
  }

  // ai.google.dev/gemini-api/docs/speech-generation
  Result<gemini::Call> lower(const ChosenModel& chosen, const Findings&) override {
    std::string text;
    json::Writer writer(text);
    writer.begin_object().key("contents").begin_array().begin_object();
    writer.member("role", "user").key("parts").begin_array().begin_object();
    writer.member("text", prompt_of(request_)).end_object().end_array();
    writer.end_object().end_array();
    writer.key("generationConfig").begin_object();
    writer.key("responseModalities").begin_array().string("AUDIO").end_array();
    if (!request_.voice.empty()) {
      writer.key("speechConfig").begin_object().key("voiceConfig").begin_object();
      writer.key("prebuiltVoiceConfig").begin_object();
      writer.member("voiceName", gemini_voice(request_.voice));
      writer.end_object().end_object().end_object();
    }
    writer.end_object().end_object();
    gemini::Call call;
    call.method =
        stream ? gemini::Method::kStreamGenerateContent : gemini::Method::kGenerateContent;
    call.model = gemini_model(Task::kSpeech, chosen.name);
    call.body = Body::of(std::move(text));
    return call;
  }

  std::unique_ptr<Encoder> encoder(const AnswerContext& context) override {
    return make_speech_encoder({.now = context.created,
                                .format = request_.format,
                                .whole = !request_.stream,
                                .events = request_.events});
  }

 private:
  const SpeechRequest request_;
};

}  // namespace

Result<std::unique_ptr<Parsed>> parse_speech(const Request& request) {
  Result<SpeechRequest> speech = read_speech(request);
  if (!speech) return fail(std::move(speech.error()));
  return std::make_unique<Speech>(std::move(*speech));
}

}  // namespace wasat::dialect::openai_media
