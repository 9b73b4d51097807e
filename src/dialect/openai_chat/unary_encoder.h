// Answers in one piece: a chat.completion object.

#pragma once

#include "dialect/conversation/answer_reader.h"
#include "dialect/openai_chat/chat_form.h"

namespace wasat::dialect::openai_chat {

class UnaryEncoder : public AnswerReader {
 public:
  UnaryEncoder(AnswerShape shape, ChatForm form) : AnswerReader(std::move(shape)), form_(form) {}

  std::string_view content_type() const override { return "application/json"; }
  Result<> finish(gemini::Tally& tally, std::string& out) override;
  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  void give_text(Pieces pieces, std::string_view signature, std::string& out) override;
  void give_thought(std::string_view escaped, std::string_view signature,
                    std::string& out) override;
  void give_call(const GivenCall& call, std::string& out) override;
  void give_grounding(json::Value grounding, std::string& out) override;
  void give_logprobs(json::Value result, std::string& out) override;

  void append_message(std::string& out, EndReason reason) const;

  const ChatForm form_;
  // Escaped, without quotes.
  std::string content_;
  std::string thoughts_;
  std::string signature_;
  std::string calls_;        // elements of tool_calls, or the legacy function_call
  std::string annotations_;  // elements
  std::string logprobs_;     // elements
};

}  // namespace wasat::dialect::openai_chat
