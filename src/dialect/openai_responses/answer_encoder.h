// Writes Gemini's answer as a response: items one after the other, streamed with their
// events or whole. One exchange, one thread at a time.
//
// One item is open at a time; what comes next closes it. How each kind of item is
// written stands in a file of its own.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "dialect/openai_responses/items.h"
#include "dialect/openai_responses/media_items.h"
#include "dialect/openai_responses/message_item.h"
#include "dialect/openai_responses/reasoning_item.h"
#include "dialect/openai_responses/searches.h"
#include "dialect/openai_responses/shape.h"

namespace wasat::dialect::openai_responses {

class AnswerEncoder : public AnswerReader {
 public:
  AnswerEncoder(ResponsesShape shape, bool streamed);
  AnswerEncoder(const AnswerEncoder&) = delete;  // its items refer to it
  AnswerEncoder& operator=(const AnswerEncoder&) = delete;

  std::string_view content_type() const override;
  Result<> finish(gemini::Tally& tally, std::string& out) override;
  void error(const Error& error, std::string& out) override;
  void heartbeat(std::string& out) override;

 protected:
  void give_text(Pieces pieces, std::string_view signature, std::string& out) override;
  void give_thought(std::string_view escaped, std::string_view signature,
                    std::string& out) override;
  void give_call(const GivenCall& call, std::string& out) override;
  void give_media(json::Value part, std::string_view signature, std::string& out) override;
  void give_code(json::Value part, std::string& out) override;
  void give_grounding(json::Value grounding, std::string& out) override;
  void give_logprobs(json::Value result, std::string& out) override;

 private:
  enum class Open : std::uint8_t { kNothing, kReasoning, kMessage, kCode };

  void start(std::string& out);
  // Closes what is open. `signature`: of what follows; given out before it.
  void settle(std::string_view signature, std::string& out);
  void append_response(std::string& out, std::string_view status, std::string_view error,
                       std::string_view incomplete, const gemini::Usage* usage) const;
  void remember(std::string_view response, gemini::Tally& tally);

  ResponsesShape form_;
  bool started_ = false;
  Items items_;
  Searches searches_;

  Open open_ = Open::kNothing;
  ReasoningItem reasoning_;
  MessageItem message_;
  CodeItem code_;
};

}  // namespace wasat::dialect::openai_responses
