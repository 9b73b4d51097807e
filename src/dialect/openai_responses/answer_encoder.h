// Writes Gemini's answer as a response: items one after the other, streamed with their
// events or whole. One exchange, one thread at a time.
//
// One item is open at a time; what comes next closes it. Finished items stay in
// output_, since the last event repeats them all.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "dialect/openai_responses/events.h"
#include "dialect/openai_responses/shape.h"

namespace wasat::dialect::openai_responses {

class AnswerEncoder : public AnswerReader {
 public:
  AnswerEncoder(ResponsesShape shape, bool streamed);

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
  // "msg_A1b2...0"
  std::string next_id(std::string_view prefix);
  // An item that is complete: into output_, and its last event.
  void add_item(std::string_view item, std::string& out);

  void open_reasoning(std::string& out);
  void close_reasoning(std::string_view signature, std::string& out);
  void open_message(std::string_view signature, std::string& out);
  void close_message(std::string_view status, std::string& out);
  void sign_message(std::string& out);
  void open_code(std::string_view code, std::string& out);
  void close_code(std::string_view logs, std::string& out);
  // Closes what is open. `signature`: of what follows; given out before it.
  void settle(std::string_view signature, std::string& out);
  void add_carrier(std::string_view signature, bool behind, std::string& out);

  void give_function_call(const GivenCall& call, std::string& out);
  void give_custom_call(const GivenCall& call, std::string& out);
  bool give_client_call(const GivenCall& call, std::string& out);
  void give_search(std::string& out);
  void add_annotations(std::string& out);

  // {"type":"output_text",...}
  void append_text_part(std::string& to) const;
  void append_response(std::string& out, std::string_view status, std::string_view error,
                       std::string_view incomplete, const gemini::Usage* usage) const;
  void remember(std::string_view response, gemini::Tally& tally);

  ResponsesShape form_;
  Events events_;
  bool started_ = false;
  std::string output_;     // finished items, without brackets
  std::size_t items_ = 0;  // in output_
  std::size_t ids_ = 0;

  Open open_ = Open::kNothing;
  std::string id_;                // of the open item
  std::string delta_head_;        // of its deltas, up to the text
  std::string text_;              // of the open item, escaped
  std::string logprobs_;          // of the open message
  std::string new_logprobs_;      // that no delta has carried yet
  std::string annotations_;       // of the open message
  std::string signature_;         // of the open message; came behind its beginning
  std::size_t unsigned_end_ = 0;  // in output_: behind an unsigned reasoning item; 0: none
  std::int64_t characters_ = 0;   // of the messages before; only when pages may be cited

  // Of groundingMetadata, which comes again and again with more.
  struct Page {
    std::int64_t start = 0;  // characters of all text
    std::int64_t end = 0;
    std::string url;    // escaped
    std::string title;  // escaped
  };
  std::vector<Page> pages_;
  bool searched_ = false;
  std::string queries_;      // elements
  std::string first_query_;  // escaped
  std::string sources_;      // elements
};

}  // namespace wasat::dialect::openai_responses
