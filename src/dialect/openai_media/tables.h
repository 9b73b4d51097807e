// What OpenAI's names for models and voices stand for, and what Gemini's image
// sizes are, as data. The operator's aliases (models.aliases) come before: what
// they name reaches these tables as a Gemini model and passes through.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace wasat::dialect::openai_media {

enum class Task : std::uint8_t { kEmbedding, kImage, kSpeech, kTranscription };

// The model to ask for: `name` itself unless it is one of OpenAI's; for an empty
// name the task's default.
std::string_view gemini_model(Task task, std::string_view name);

// How long OpenAI's embeddings of this model are when nobody says it, where that is
// shorter than Gemini's (columns of vector stores have that width).
std::optional<int> openai_dimensions(std::string_view name);

// Gemini's voice of an OpenAI voice; of Gemini's own the right spelling; else `name`.
std::string_view gemini_voice(std::string_view name);

struct ImageSize {
  std::string_view aspect_ratio;  // "16:9"; empty: the model chooses
  std::string_view resolution;    // "2K", "4K"; empty: the model's own
};
// Of "1536x1024", "16:9", "2K", "auto". nullopt: none of these.
// `imagen`: of the five ratios that Imagen has.
std::optional<ImageSize> image_size(std::string_view size, bool imagen);

}  // namespace wasat::dialect::openai_media
