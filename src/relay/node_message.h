// NodeMessage: what all protocols do with a message of a node: whose it is, what is said
// twice or makes no sense, and that each such thing is told once.
//
// Belongs to its protocol; start() before each message, listen() before each part of it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "relay/message_sink.h"
#include "relay/protocol.h"

namespace wasat::relay {

class NodeMessage : public MessageSink {
 public:
  // Longer ids are none of ours.
  static constexpr std::size_t kLongestId = 64;

  void start();
  // Who listens, until the next call.
  void listen(NodeEvents& events) { events_ = &events; }

  void ended() final;
  void broken(std::string_view why) final;

 protected:
  // Forgets the message, and gives back what it took.
  virtual void reset() = 0;
  // All of a message that makes sense was told.
  virtual void finish() = 0;

  NodeEvents& events() { return *events_; }
  // True the first time that a member is named in this message. A member that is there
  // twice makes no sense, as some readers take the first and some the last.
  bool first(std::uint32_t member);
  bool has(std::uint32_t member) const { return (seen_ & member) != 0; }

  void set_id(json::Value value);
  bool has_id() const { return !id_.empty(); }
  std::string_view id() const { return id_; }

  // The message makes no sense: of what follows only an id is of interest.
  void nonsense(std::string_view why);
  bool makes_sense() const { return nonsense_.empty(); }

  // The answer begins, once in a message.
  void begin(const NodeEvents::Head& head);
  bool has_begun() const { return has_begun_; }

 private:
  void give_up(std::string_view why);

  NodeEvents* events_ = nullptr;
  std::string id_;
  std::string_view nonsense_;  // a literal
  std::uint32_t seen_ = 0;
  bool has_begun_ = false;
};

// An HTTP status that can stand at the head of an answer or in an error; otherwise 0.
int status_of(json::Value value, int lowest);
// Of a failure that the node does not describe.
inline constexpr std::string_view kNoWords = "The node reported an error without words.";
// What JavaScript calls truthy.
bool is_true(json::Value value);
// An error's words: a string's text, or JSON as it stands. Empty for what is no error.
std::string_view words_of(json::Value value);

}  // namespace wasat::relay
