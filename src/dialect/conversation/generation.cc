#include "dialect/conversation/generation.h"

#include <algorithm>
#include <utility>

#include "dialect/schema/schema.h"

namespace wasat::dialect {
namespace {

constexpr std::size_t kMaxStopSequences = 5;  // generationConfig.stopSequences

// Gemini refuses more than its limit, which some clients' usual value is above.
std::int64_t output_tokens(const Generation& generation, const gemini::ModelFamily& family) {
  std::int64_t tokens = *generation.max_tokens;
  const std::int64_t limit = family.output_limit > 0 ? family.output_limit : INT32_MAX;
  if (generation.max_is_visible) {
    tokens = std::min(tokens, limit) + thinking_tokens(family.thinking, generation.thinking);
  }
  return std::min(tokens, limit);
}

void write_sampling(json::Writer& writer, const Generation& generation,
                    const gemini::ModelFamily& family, gemini::Call& call) {
  if (generation.temperature) writer.member("temperature", *generation.temperature);
  if (generation.top_p) writer.member("topP", *generation.top_p);
  if (generation.top_k) writer.member("topK", *generation.top_k);
  if (generation.max_tokens) {
    call.most_output = output_tokens(generation, family);
    writer.member("maxOutputTokens", call.most_output);
  }
  if (generation.candidates) {
    call.candidates = *generation.candidates;
    writer.member("candidateCount", call.candidates);
  }
  if (!generation.stop.empty()) {
    writer.key("stopSequences").begin_array();
    const std::size_t count = std::min(generation.stop.size(), kMaxStopSequences);
    for (std::size_t i = 0; i < count; ++i) writer.escaped_string(generation.stop[i]);
    writer.end_array();
  }
  // Others' seeds have 64 bits, Gemini's 32.
  if (generation.seed) {
    writer.member("seed", static_cast<std::int64_t>(static_cast<std::int32_t>(*generation.seed)));
  }
  // Models since the third generation refuse penalties.
  if (!family.third_generation) {
    if (generation.presence_penalty) writer.member("presencePenalty", *generation.presence_penalty);
    if (generation.frequency_penalty) {
      writer.member("frequencyPenalty", *generation.frequency_penalty);
    }
  }
  if (generation.logprobs) {
    writer.member("responseLogprobs", true);
    if (generation.top_logprobs) writer.member("logprobs", *generation.top_logprobs);
  }
}

void write_format(json::Writer& writer, const OutputFormat& format,
                  const gemini::ModelFamily& family) {
  if (!format.json) return;
  writer.member("responseMimeType", "application/json");
  if (!format.schema) return;
  if (family.openapi_schemas) {
    writer.key("responseSchema");
    write_openapi_schema(writer, format.schema);
  } else {
    writer.key("responseJsonSchema");
    write_schema(writer, format.schema);
  }
}

void write_modalities(json::Writer& writer, const Generation& generation) {
  if (generation.audio_output) {
    writer.key("responseModalities").begin_array().string("AUDIO").end_array();
    if (!generation.voice.empty()) {
      writer.key("speechConfig").begin_object().key("voiceConfig").begin_object();
      writer.key("prebuiltVoiceConfig").begin_object();
      writer.member("voiceName", generation.voice);
      writer.end_object().end_object().end_object();
    }
  } else if (generation.image_output) {
    writer.key("responseModalities").begin_array().string("TEXT").string("IMAGE").end_array();
  }
  if (!generation.aspect_ratio.empty() || !generation.image_size.empty()) {
    writer.key("imageConfig").begin_object();
    if (!generation.aspect_ratio.empty()) {
      writer.key("aspectRatio").escaped_string(generation.aspect_ratio);
    }
    if (!generation.image_size.empty()) {
      writer.key("imageSize").escaped_string(generation.image_size);
    }
    writer.end_object();
  }
}

}  // namespace

std::string spoken_format(Generation& generation, bool any_tool,
                          const gemini::ModelFamily& family) {
  if (!generation.format.json || !any_tool || family.third_generation) return {};
  const OutputFormat format = std::exchange(generation.format, {});
  std::string text = "Unless you call a function, answer with JSON only, without Markdown";
  if (!format.schema) return text += '.';
  text += ", that matches this JSON Schema: ";
  json::append_escaped(text, format.schema.raw());
  return text;
}

void write_generation_config(json::Writer& writer, const Generation& generation,
                             const gemini::ModelFamily& family, gemini::Call& call) {
  const json::Writer::Mark mark = writer.mark();
  writer.key("generationConfig").begin_object();
  write_sampling(writer, generation, family, call);
  write_format(writer, generation.format, family);
  write_modalities(writer, generation);
  write_thinking_config(writer, family.thinking, generation.thinking);
  if (writer.at_start()) {
    writer.roll_back(mark);
  } else {
    writer.end_object();
  }
}

}  // namespace wasat::dialect
