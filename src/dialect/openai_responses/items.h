// The output of a response while it grows: its finished items, which the last event
// repeats, their ids and numbers, and the events that tell of them. One per encoder.

#pragma once

#include <string>
#include <string_view>

#include "dialect/conversation/answer_shape.h"
#include "dialect/openai_responses/events.h"

namespace wasat::dialect::openai_responses {

class Items {
 public:
  // `shape` outlives it.
  Items(const AnswerShape& shape, bool streamed) : shape_(shape), events_(streamed) {}

  Events& events() { return events_; }
  bool streamed() const { return events_.streamed(); }
  const AnswerShape& shape() const { return shape_; }

  // "msg_A1b2...0"
  std::string next_id(std::string_view prefix);
  // output_index of the item that is written next, or being written.
  std::size_t index() const { return count_; }
  // Without brackets.
  const std::string& finished() const { return finished_; }

  // The event of an item's beginning, and that of its end.
  void begin(std::string_view item, std::string& out);
  void add(std::string_view item, std::string& out);

  // A reasoning item that is nothing but a signature. `behind`: of the text before it.
  void add_carrier(std::string_view signature, bool behind, std::string& out);
  // The item that was added last is a reasoning item with an empty signature as its last member.
  void note_unsigned() { unsigned_end_ = finished_.size(); }
  // Gives that item its signature. false: the last item is none of those.
  bool sign_last(std::string_view signature);

 private:
  const AnswerShape& shape_;
  Events events_;
  std::string finished_;
  std::size_t count_ = 0;
  std::size_t ids_ = 0;
  std::size_t unsigned_end_ = 0;  // in finished_; 0: no such item
};

}  // namespace wasat::dialect::openai_responses
