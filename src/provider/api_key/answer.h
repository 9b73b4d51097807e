// From HTTP answers of the Gemini API to chunks and failures.

#pragma once

#include <memory>

#include "provider/provider.h"

namespace wasat::provider {

struct AnswerLimits {
  std::size_t max_answer;          // bytes of a whole answer, or of one event
  std::chrono::seconds body_idle;  // between two pieces of a whole answer
  bool in_pieces = false;          // a larger one than kMostWhole is given as it comes
};

// Chunks of an answer with status 200: events of a text/event-stream, else one
// chunk that is the whole body, or its pieces.
std::unique_ptr<ChunkStream> make_chunk_stream(std::unique_ptr<http::ClientStream> answer,
                                               const Clock& clock, AnswerLimits limits);

// What an answer with another status means. Reads its body, up to a bound.
Task<gemini::Failure> read_refusal(http::ClientStream& answer, const AttemptContext& context);

}  // namespace wasat::provider
