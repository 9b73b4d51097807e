// Answers in one piece: a chat.completion object.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dialect/conversation/answer_reader.h"
#include "dialect/openai_chat/audio_answer.h"
#include "dialect/openai_chat/chat_form.h"

namespace wasat::dialect::openai_chat {

class UnaryEncoder : public AnswerReader {
 public:
  UnaryEncoder(AnswerShape shape, ChatForm form)
      : AnswerReader(std::move(shape)), form_(form), said_(this->shape().choices) {
    if (!form_.audio) return;
    for (Said& one : said_) one.audio.emplace(*form_.audio, true);
  }

  std::string_view content_type() const override { return "application/json"; }
  bool heavy() const override { return form_.audio.has_value(); }
  Result<> finish(gemini::Tally& tally, std::string& out) override;
  void error(const Error&, std::string&) override {}
  void heartbeat(std::string&) override {}

 private:
  // What a choice says: escaped, without quotes.
  struct Said {
    std::string content;
    std::string thoughts;
    std::string signature;    // of the text; in the old form of a call, too
    std::string calls;        // elements of tool_calls, or the legacy function_call
    std::string annotations;  // elements
    std::string logprobs;     // elements
    std::optional<AudioAnswer> audio;
    std::string spoken;  // what has become of it
  };

  void give_text(Pieces pieces, std::string_view signature, std::string& out) override;
  void give_thought(std::string_view escaped, std::string_view signature,
                    std::string& out) override;
  void give_call(const GivenCall& call, std::string& out) override;
  void give_media(json::Value part, std::string_view signature, std::string& out) override;
  void give_grounding(json::Value grounding, std::string& out) override;
  void give_logprobs(json::Value result, std::string& out) override;

  void append_choice(std::string& out, std::uint32_t number, EndReason reason) const;
  void append_message(std::string& out, const Said& said, EndReason reason) const;
  Result<> end_audio(std::uint32_t number);
  Said& said() { return said_[choice()]; }

  const ChatForm form_;
  std::vector<Said> said_;  // by choice
};

}  // namespace wasat::dialect::openai_chat
