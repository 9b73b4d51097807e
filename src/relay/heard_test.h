// Heard: what a protocol told, as lines of text; pieces of one chunk or body joined.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "relay/protocol.h"

namespace wasat::relay::test {

using Make = std::unique_ptr<Protocol> (*)(ProtocolLimits);
struct NamedProtocol {
  const char* name;
  Make make;
};
inline void PrintTo(const NamedProtocol& protocol, std::ostream* out) { *out << protocol.name; }
inline std::vector<NamedProtocol> protocols() {
  return {{"applet", make_applet_protocol},
          {"envelope", make_envelope_protocol},
          {"event", make_event_protocol}};
}

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
  void failed(std::string_view id, const Failure& failure) override {
    std::string line = "failed " + text(id) + " " + std::to_string(failure.status) + " ";
    line += failure.error;
    if (!failure.retry_after.empty()) line += " retry-after=" + text(failure.retry_after);
    add(line);
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

// Whether a message that was read while it came told what it tells when it is read as a whole.
// Of what is no JSON nothing is told by the whole, but the scanner may have passed on a part:
// then whoever waits must be told that it failed.
inline bool agree(const std::vector<std::string>& whole, const std::vector<std::string>& scanned) {
  if (whole.size() != 1 || !whole[0].starts_with("misunderstood no JSON object"))
    return whole == scanned;
  if (scanned.empty() || !scanned.back().starts_with("misunderstood ")) return false;
  for (std::size_t i = 0; i + 1 < scanned.size(); ++i) {
    const bool is_failure = scanned[i].starts_with("failed ");
    if (is_failure != (i + 2 == scanned.size())) return false;
    if (!is_failure && !scanned[i].starts_with("began ") && !scanned[i].starts_with("piece ")) {
      return false;
    }
  }
  return true;
}

// All that a message is.
inline std::string whole(OutgoingMessage& message) {
  std::string text;
  for (std::string_view piece = message.next(); !piece.empty(); piece = message.next()) {
    text += piece;
  }
  return text;
}

}  // namespace wasat::relay::test
