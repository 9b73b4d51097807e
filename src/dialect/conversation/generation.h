// Sampling, limits, output format, modalities and thinking of any dialect,
// written as Gemini's generationConfig.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/thinking.h"
#include "gemini/call.h"
#include "gemini/model_table.h"
#include "json/reader.h"
#include "json/writer.h"

namespace wasat::dialect {

struct OutputFormat {
  bool json = false;
  json::Value schema;  // object or absent
};

struct Generation {
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<double> presence_penalty;
  std::optional<double> frequency_penalty;
  std::optional<std::int64_t> top_k;
  std::optional<std::int64_t> max_tokens;  // kept within the model's limit
  bool max_is_visible = false;             // thoughts that were asked for come on top of it
  std::optional<std::int64_t> seed;
  std::optional<std::int64_t> candidates;  // answers to give
  std::vector<std::string_view> stop;      // escaped, not empty; the first five count
  bool logprobs = false;
  std::optional<std::int64_t> top_logprobs;
  OutputFormat format;
  ThinkingWish thinking;
  bool image_output = false;
  bool audio_output = false;
  std::string_view voice;  // of audio: Gemini's name, not escaped; empty: Gemini's own choice
  std::string_view aspect_ratio;  // of images: "16:9"; empty: Gemini's own
  std::string_view image_size;    // "1K"; empty: Gemini's own
};

// Up to 2.5 JSON output and tools exclude each other. Then the format is taken out
// of `generation`, and what says the same to the model in words is given, escaped. Else empty.
std::string spoken_format(Generation& generation, bool any_tool, const gemini::ModelFamily& family);

// Appends the member "generationConfig", or nothing. `call` is told how long its answer may be.
void write_generation_config(json::Writer& writer, const Generation& generation,
                             const gemini::ModelFamily& family, gemini::Call& call);

}  // namespace wasat::dialect
