#include "dialect/openai_chat/request.h"

#include "dialect/openai_chat/generation.h"
#include "dialect/openai_media/tables.h"
#include "gemini/model_names.h"

namespace wasat::dialect::openai_chat {
namespace {

constexpr std::size_t kMaxModelName = 256;
constexpr std::int64_t kMaxChoices = 8;  // generationConfig.candidateCount

Error invalid(std::string detail, std::string param) {
  return client_error(ErrorKind::kInvalidRequest, std::move(detail), std::move(param));
}

Result<> read_model(Fields& root, ChatRequest& request) {
  const json::Value model = root.string("model");
  if (root.problem()) return {};
  const std::string_view name = model.string_or("");
  if (name.empty()) return fail(invalid("You must provide a model parameter.", "model"));
  request.model_label = model.escaped();
  request.model = gemini::clean_model_name(name);
  if (request.model.empty() || name.size() > kMaxModelName) {
    return fail(invalid("Invalid 'model': this is no model's name.", "model"));
  }
  return {};
}

void read_choices(Fields& root, ChatRequest& request) {
  const auto n = root.integer("n");
  if (!n) return;
  if (*n < 1 || *n > kMaxChoices) {
    root.wrong(invalid("Invalid 'n': it must be between 1 and 8.", "n"));
  } else {
    request.choices = static_cast<std::uint32_t>(*n);
  }
}

// What is not streamed may be in any format; of a stream OpenAI gives PCM alone.
void read_audio(Fields& root, ChatRequest& request) {
  const json::Value audio = root.object("audio");
  if (!request.generation.audio_output) return;
  std::string_view format = audio["format"].string_or(request.stream ? "pcm16" : "wav");
  if (format == "pcm16") format = "pcm";
  request.audio = media::audio_format(format);
  if (!request.audio) {
    root.wrong(invalid(
        "Invalid value for 'audio.format'. Supported values are: 'wav', 'mp3', 'flac', 'opus', "
        "'aac' and 'pcm16'.",
        "audio.format"));
  }
  const json::Value voice = audio["voice"].is_object() ? audio["voice"]["id"] : audio["voice"];
  request.generation.voice = openai_media::gemini_voice(voice.string_or(""));
}

// Google's extensions, flat or within extra_body.
void read_extensions(Fields& root, ChatRequest& request) {
  for (const json::Value google : {root.any("extra_body")["google"], root.any("google")}) {
    if (google["cached_content"].is_string()) request.cached_content = google["cached_content"];
    if (google["safety_settings"].is_array()) request.safety_settings = google["safety_settings"];
  }
  if (const json::Value safety = root.array("safety_settings")) request.safety_settings = safety;
  const std::string_view tier = root.string("service_tier").string_or("");
  if (tier == "flex" || tier == "priority") request.service_tier = tier;
}

}  // namespace

Result<ChatRequest> read_chat_request(Fields& root, bool show_thoughts) {
  ChatRequest request;
  if (Result<> model = read_model(root, request); !model) return fail(model.error());
  request.stream = root.boolean("stream").value_or(false);
  request.include_usage = root.object("stream_options")["include_usage"].boolean().value_or(false);
  read_choices(root, request);
  Result<Generation> generation = read_generation(root, show_thoughts, request.hide_thoughts);
  if (!generation) return fail(generation.error());
  request.generation = std::move(*generation);
  read_audio(root, request);
  read_extensions(root, request);
  if (root.problem()) return fail(*root.problem());
  return request;
}

}  // namespace wasat::dialect::openai_chat
