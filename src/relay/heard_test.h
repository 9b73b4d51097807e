// Heard: what a protocol told, as lines of text; pieces of one chunk or body joined.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "relay/protocol.h"

namespace wasat::relay::test {

class Heard final : public NodeEvents {
 public:
  void began(std::string_view id, const Head& head) override {
    static constexpr const char* kNames[] = {"chunk", "chunks", "body"};
    std::string line = "began " + text(id) + " " + std::to_string(head.status) + " " +
                       kNames[static_cast<std::size_t>(head.framing)];
    if (!head.content_type.empty()) line += " content-type=" + text(head.content_type);
    if (!head.retry_after.empty()) line += " retry-after=" + text(head.retry_after);
    add(line);
    framing_ = head.framing;
  }
  void piece(std::string_view id, std::string_view bytes, bool last) override {
    if (piece_of_.empty()) {
      piece_of_ = text(id);
    } else if (piece_of_ != id) {
      add("a piece of another answer");
    }
    piece_ += bytes;
    if (last && framing_ == Framing::kChunks) flush();
  }
  void ended(std::string_view id) override { add("ended " + text(id)); }
  void failed(std::string_view id, int status, std::string_view error) override {
    add("failed " + text(id) + " " + std::to_string(status) + " " + text(error));
  }
  void reply(std::string_view message) override { add("reply " + text(message)); }
  void misunderstood(std::string_view why) override { add("misunderstood " + text(why)); }

  // What was told so far.
  std::vector<std::string> take() {
    flush();
    return std::exchange(lines_, {});
  }

 private:
  static std::string text(std::string_view view) { return std::string(view); }
  void add(std::string line) {
    flush();
    lines_.push_back(std::move(line));
  }
  void flush() {
    if (!piece_of_.empty()) lines_.push_back("piece " + piece_of_ + " " + piece_);
    piece_of_.clear();
    piece_.clear();
  }

  std::vector<std::string> lines_;
  Framing framing_ = Framing::kChunk;
  std::string piece_of_;
  std::string piece_;
};

// All that a message is.
inline std::string whole(OutgoingMessage& message) {
  std::string text;
  for (std::string_view piece = message.next(); !piece.empty(); piece = message.next()) {
    text += piece;
  }
  return text;
}

}  // namespace wasat::relay::test
