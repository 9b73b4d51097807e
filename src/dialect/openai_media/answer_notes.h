// What all encoders of media note of Gemini's answers: usage and ends, for each
// of the calls that make one client answer.

#pragma once

#include <string>
#include <vector>

#include "dialect/dialect.h"
#include "json/reader.h"

namespace wasat::dialect::openai_media {

// Token counts by kind, as OpenAI tells them.
struct Tokens {
  std::int64_t input = 0;
  std::int64_t input_text = 0;
  std::int64_t input_other = 0;  // of images or audio
  std::int64_t output = 0;

  std::int64_t total() const { return input + output; }
};

class AnswerNotes {
 public:
  explicit AnswerNotes(std::int64_t now) : now_(now) {}

  // The frame as JSON, until the next read(). Keeps the books of `tally` (of the
  // frame's own call), but for tally.content: only the caller knows what its client
  // would miss.
  [[nodiscard]] Result<json::Value> read(const gemini::Frame& frame, gemini::Tally& tally);

  // Of all calls together.
  Tokens tokens() const;
  // Why an answer has nothing of what was asked for ("no image"). `said`: the text
  // that the model gave instead.
  Error nothing(std::string_view what, std::string_view said) const;

 private:
  struct Call {
    gemini::Tally tally;
    std::int64_t input_text = 0;
    std::int64_t input_other = 0;
    std::string message;  // finishMessage
  };
  void read_details(json::Value usage, Call& call);

  std::int64_t now_;
  json::Document document_;
  std::vector<Call> calls_;
};

// The parts of the first candidate that are no thoughts.
std::vector<json::Value> answer_parts(json::Value chunk);

}  // namespace wasat::dialect::openai_media
