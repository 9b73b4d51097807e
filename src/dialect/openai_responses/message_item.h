// The text that is being streamed: a message with one part. Owned by the encoder, which
// opens it with the first text and closes it with what comes behind.

#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

#include "dialect/openai_responses/items.h"
#include "dialect/openai_responses/searches.h"
#include "json/reader.h"

namespace wasat::dialect::openai_responses {

class MessageItem {
 public:
  MessageItem(Items& items, const Searches& searches) : items_(items), searches_(searches) {}

  void open(std::string& out);
  // Escaped, in pieces that belong together.
  void give(std::initializer_list<std::string_view> pieces, std::string& out);
  // Of the text that is given next; may come before it is opened.
  void add_logprobs(json::Value result);
  // One that came when the message had begun already.
  void sign(std::string_view signature) { signature_ = signature; }
  // `status`: "completed" or "incomplete".
  void close(std::string_view status, std::string& out);

 private:
  void place_signature(std::string& out);
  void add_annotations(std::string& out);
  // {"type":"output_text",...}
  std::string part() const;

  Items& items_;
  const Searches& searches_;
  std::string id_;
  std::string delta_head_;  // up to the text
  std::string text_;        // escaped
  std::string logprobs_;
  std::string new_logprobs_;  // that no delta has carried yet
  std::string annotations_;
  std::string signature_;
  std::int64_t characters_ = 0;  // of the messages before; only when pages may be cited
};

}  // namespace wasat::dialect::openai_responses
