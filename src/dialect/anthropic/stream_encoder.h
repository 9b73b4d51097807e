// Answers as they come: message_start, blocks, message_delta, message_stop.

#pragma once

#include "dialect/anthropic/answer_encoder.h"

namespace wasat::dialect::anthropic {

class StreamEncoder : public AnswerEncoder {
 public:
  explicit StreamEncoder(AnswerForm form) : AnswerEncoder(std::move(form)) {}

  std::string_view content_type() const override { return "text/event-stream; charset=utf-8"; }
  Result<> finish(gemini::Tally& tally, std::string& out) override;
  void error(const Error& error, std::string& out) override;
  void heartbeat(std::string& out) override;

 private:
  void start_text(std::string& out) override;
  void add_text(Pieces pieces, std::string& out) override;
  void end_text(const std::vector<std::string>& citations, std::string& out) override;
  void start_thinking(std::string& out) override;
  void add_thought(std::string_view escaped, std::string& out) override;
  void end_thinking(std::string_view carrier, std::string& out) override;
  void put_tool_use(const ToolUse& use, std::string& out) override;
  void put_block(std::string_view json, std::string& out) override;

  void start_message(std::string& out);
  void start_block(std::string_view json, std::string& out);
  void stop_block(std::string& out);
  // Up to the delta's own members.
  void begin_delta(std::string_view type, std::string& out) const;

  bool started_ = false;
  std::size_t index_ = 0;   // of the open block, or of the next one
  std::string delta_head_;  // of the open block
};

}  // namespace wasat::dialect::anthropic
