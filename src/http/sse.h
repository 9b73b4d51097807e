// Splitting a byte stream into server-sent events (WHATWG HTML, section 9.2).
//
// Events that lie whole in the given bytes are views into them; only what is
// torn between two pieces is copied. Lines may end in CRLF, LF or CR. An event
// that is bare JSON instead of "data:" lines is taken as data: Google ends some
// broken streams that way.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"

namespace wasat::http {

struct SseEvent {
  std::string_view wire;  // as it came, with the empty line that ends it
  PaddedView data;        // what the data lines say; empty for comments
};

class SseReader {
 public:
  // An event larger than `most` bytes makes the stream overflowed().
  explicit SseReader(std::size_t most) : most_(most) {}

  // Appends the events that are complete with `bytes`, which kPadding readable
  // bytes must follow. The events live until the next call and as long as `bytes`.
  void feed(std::string_view bytes, std::vector<SseEvent>& events);
  // The stream has ended: an event whose empty line is missing, if there is one.
  void finish(std::vector<SseEvent>& events);

  bool overflowed() const { return overflowed_; }
  // No part of an event is held back.
  bool at_boundary() const { return carry_ == nullptr || carry_->size() == carried_done_; }

 private:
  std::size_t split(std::string_view bytes, std::vector<SseEvent>& events);
  SseEvent make_event(std::string_view wire);

  const std::size_t most_;
  std::unique_ptr<Buffer> carry_;                // the start of an event that is torn
  std::size_t carried_done_ = 0;                 // bytes of carry_ that were given out
  std::vector<std::unique_ptr<Buffer>> joined_;  // data of several lines
  bool overflowed_ = false;
};

}  // namespace wasat::http
