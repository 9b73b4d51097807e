// Gemini's embeddings as OpenAI gives them.

#pragma once

#include "dialect/dialect.h"

namespace wasat::dialect::openai_media {

// batchEmbedContents takes no more.
inline constexpr std::size_t kEmbeddingsPerCall = 100;

struct EmbeddingsShape {
  std::int64_t now = 0;
  std::string model_label;  // as the client wrote it
  std::size_t inputs = 0;
  bool base64 = false;     // little-endian float32 instead of numbers
  bool shortened = false;  // may lack length 1
  std::int64_t estimated_tokens = 0;
};

std::unique_ptr<Encoder> make_embeddings_encoder(EmbeddingsShape shape);

}  // namespace wasat::dialect::openai_media
