// Reads Gemini's chunks and says what the client is to be given, part by part.
// How that is written is up to the two encoders below it: StreamEncoder and
// UnaryEncoder. One exchange, one thread at a time.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

#include "dialect/conversation/citations.h"
#include "dialect/conversation/finish.h"
#include "dialect/dialect.h"
#include "dialect/openai_chat/answer_shape.h"
#include "dialect/openai_chat/tool_call.h"
#include "json/reader.h"

namespace wasat::dialect::openai_chat {

class AnswerEncoder : public Encoder {
 public:
  explicit AnswerEncoder(AnswerShape shape) : shape_(std::move(shape)) {}

  Result<> frame(const gemini::Frame& frame, gemini::Tally& tally, std::string& out) final;

 protected:
  // Text as it stands in JSON, in pieces that belong together.
  using Pieces = std::initializer_list<std::string_view>;

  // `signature`: of the part, escaped; empty: none.
  virtual void give_text(Pieces pieces, std::string_view signature, std::string& out) = 0;
  virtual void give_thought(std::string_view escaped, std::string& out) = 0;
  virtual void give_call(const ToolCall& call, std::string& out) = 0;
  // Elements of logprobs.content for this chunk, before its text.
  virtual void give_logprobs(json::Value result, std::string& out) = 0;
  virtual void end_chunk(std::string& out) = 0;

  // How the answer ends, once the upstream has ended.
  Ending ending(const gemini::Tally& tally, bool streamed) const;

  const AnswerShape& shape() const { return shape_; }
  std::size_t calls() const { return calls_; }
  // Elements of the annotations array, made of what the chunks have shown.
  const std::string& annotations() const { return annotations_; }
  const std::string& finish_message() const { return finish_message_; }

 private:
  // Kinds of parts, as far as their place in the text matters.
  enum class PartKind : std::uint8_t { kNone, kText, kThought, kOther };

  Result<> read_chunk(json::Value chunk, gemini::Tally& tally, std::string& out);
  void read_candidate(json::Value candidate, gemini::Tally& tally, std::string& out);
  void read_part(json::Value part, bool malformed, std::string& out);
  void read_call(json::Value call, std::string_view signature, std::string& out);
  void read_media(json::Value part, std::string& out);
  void read_code(json::Value part, std::string& out);
  void place_part(PartKind kind);
  void text(Pieces pieces, std::string_view signature, std::string& out);

  AnswerShape shape_;
  Given given_;
  bool thought_given_ = false;
  bool any_frame_ = false;
  std::size_t calls_ = 0;
  TextPositions positions_;
  PartKind last_part_ = PartKind::kNone;
  bool first_of_chunk_ = false;
  std::string annotations_;
  std::string finish_message_;  // escaped
};

}  // namespace wasat::dialect::openai_chat
