// Answers in one piece: a chat.completion object.

#pragma once

#include "dialect/openai_chat/answer_encoder.h"

namespace wasat::dialect::openai_chat {

class UnaryEncoder : public AnswerEncoder {
 public:
  explicit UnaryEncoder(AnswerShape shape) : AnswerEncoder(std::move(shape)) {}

  std::string_view content_type() const override { return "application/json"; }
  Result<> finish(gemini::Tally& tally, std::string& out) override;
  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  void give_text(Pieces pieces, std::string_view signature, std::string& out) override;
  void give_thought(std::string_view escaped, std::string& out) override;
  void give_call(const ToolCall& call, std::string& out) override;
  void give_logprobs(json::Value result, std::string& out) override;
  void end_chunk(std::string&) override {}

  void append_message(std::string& out, EndReason reason) const;

  // Escaped, without quotes.
  std::string content_;
  std::string thoughts_;
  std::string signature_;
  std::string calls_;     // elements of tool_calls, or the legacy function_call
  std::string logprobs_;  // elements
};

}  // namespace wasat::dialect::openai_chat
