// Gemini's parts as Anthropic's content blocks, which follow each other and never
// overlap: text, thinking (with the signature at its end), tool_use, and what
// server tools did. How a block is written is up to StreamEncoder and UnaryEncoder.
//
// A signature travels in the thinking block right before the block that it
// belongs to: one without words when there is no visible thought.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/anthropic/answer_form.h"
#include "dialect/anthropic/server_tools.h"
#include "dialect/conversation/answer_reader.h"

namespace wasat::dialect::anthropic {

class AnswerEncoder : public AnswerReader {
 public:
  explicit AnswerEncoder(AnswerForm form)
      : AnswerReader(std::move(form.shape)),
        thinks_(form.thinks),
        fetches_(form.fetches),
        searches_(form.searches),
        runs_code_(form.runs_code) {}

 protected:
  // Everything is escaped as in JSON.
  virtual void start_text(std::string& out) = 0;
  virtual void add_text(Pieces pieces, std::string& out) = 0;
  virtual void end_text(const std::vector<std::string>& citations, std::string& out) = 0;
  virtual void start_thinking(std::string& out) = 0;
  virtual void add_thought(std::string_view escaped, std::string& out) = 0;
  virtual void end_thinking(std::string_view carrier, std::string& out) = 0;
  virtual void put_tool_use(const ToolUse& use, std::string& out) = 0;
  // A block that is complete as it stands.
  virtual void put_block(std::string_view json, std::string& out) = 0;
  // What comes next tells where the answer's text comes from.
  virtual void begin_sources() {}
  virtual void end_sources() {}
  // A signature of text that has been given already.
  virtual void late_signature(std::string_view /*signature*/) {}

  // Ends the last block and adds what server tools found. An error: there is no answer.
  Result<> close(const gemini::Tally& tally, bool streamed, EndReason& reason, std::string& out);

  std::string carrier(std::string_view signature) const;
  const ServerTools& server_tools() const { return tools_; }

 private:
  enum class Open : std::uint8_t { kNothing, kText, kThinking };

  void give_text(Pieces pieces, std::string_view signature, std::string& out) final;
  void give_thought(std::string_view escaped, std::string_view signature, std::string& out) final;
  void give_call(const GivenCall& call, std::string& out) final;
  void give_code(json::Value part, std::string& out) final;
  void give_grounding(json::Value grounding, std::string& out) final;
  void give_url_context(json::Value metadata, std::string& out) final;

  void lone_signature(std::string_view signature);
  void close_block(std::string_view signature, std::string& out);
  void put_signature(std::string_view signature, std::string& out);

  const bool thinks_;
  const bool fetches_;
  const bool searches_;
  const bool runs_code_;
  Open open_ = Open::kNothing;
  std::string signature_;  // of the open thinking block, or of the block to come; escaped
  ServerTools tools_;
};

}  // namespace wasat::dialect::anthropic
