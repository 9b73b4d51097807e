// Streamed answers: server-sent events with chat.completion.chunk objects.
//
// The text of a chunk is copied once, as the escaped bytes that Gemini sent,
// between two strings made at the start. The first event (the role) waits for
// the first content, so that an empty answer leaves no trace and can be retried.

#pragma once

#include <optional>
#include <string>
#include <vector>

#include "dialect/conversation/answer_reader.h"
#include "dialect/openai_chat/audio_answer.h"
#include "dialect/openai_chat/chat_form.h"

namespace wasat::dialect::openai_chat {

class StreamEncoder : public AnswerReader {
 public:
  StreamEncoder(AnswerShape shape, ChatForm form);

  std::string_view content_type() const override { return "text/event-stream"; }
  bool heavy() const override { return form_.audio.has_value(); }
  Result<> finish(gemini::Tally& tally, std::string& out) override;
  void error(const Error& error, std::string& out) override;
  void heartbeat(std::string& out) override;

 private:
  struct Choice {
    std::string head;  // of its events, up to "delta":{
    bool started = false;
    bool called = false;
    std::string logprobs;     // elements waiting for the next event
    std::string annotations;  // elements for the end
    std::optional<AudioAnswer> audio;
  };

  void give_text(Pieces pieces, std::string_view signature, std::string& out) override;
  void give_thought(std::string_view escaped, std::string_view signature,
                    std::string& out) override;
  void give_call(const GivenCall& call, std::string& out) override;
  void give_media(json::Value part, std::string_view signature, std::string& out) override;
  void give_grounding(json::Value grounding, std::string& out) override;
  void give_logprobs(json::Value result, std::string& out) override;
  void end_chunk(std::string& out) override;

  // An event's bytes around its delta's members.
  void begin_delta(std::string& out);
  void end_delta(std::string& out, std::string_view finish_reason = {});
  void give_audio(std::string_view bytes, std::string& out);
  Result<> end_audio(std::string& out);
  void end_choice(const Ending& end, std::string& out);
  Choice& current() { return choices_[choice()]; }

  const ChatForm form_;
  std::string opening_;  // of every event, up to "choices":
  std::vector<Choice> choices_;
};

}  // namespace wasat::dialect::openai_chat
