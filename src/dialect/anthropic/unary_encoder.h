// Answers in one piece: a message object.

#pragma once

#include "dialect/anthropic/answer_encoder.h"

namespace wasat::dialect::anthropic {

class UnaryEncoder : public AnswerEncoder {
 public:
  explicit UnaryEncoder(AnswerForm form) : AnswerEncoder(std::move(form)) {}

  std::string_view content_type() const override { return "application/json"; }
  Result<> finish(gemini::Tally& tally, std::string& out) override;
  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  void start_text(std::string& out) override;
  void add_text(Pieces pieces, std::string& out) override;
  void end_text(const std::vector<std::string>& citations, std::string& out) override;
  void start_thinking(std::string& out) override;
  void add_thought(std::string_view escaped, std::string& out) override;
  void end_thinking(std::string_view carrier, std::string& out) override;
  void put_tool_use(const ToolUse& use, std::string& out) override;
  void put_block(std::string_view json, std::string& out) override;
  void begin_sources() override { into_ = &sources_; }
  void end_sources() override { into_ = &content_; }
  void late_signature(std::string_view signature) override;

  // Elements of `content`, each with a comma behind it.
  std::string content_;
  std::string sources_;  // they stand before the first text
  std::string* into_ = &content_;
  std::size_t first_text_ = std::string::npos;  // in content_
  std::size_t last_text_ = 0;
  // The last thinking block's carrier, in content_.
  std::size_t carrier_end_ = 0;
  std::size_t carrier_size_ = 0;
};

}  // namespace wasat::dialect::anthropic
