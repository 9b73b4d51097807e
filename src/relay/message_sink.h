// MessageSink: what is told of one message of a node, in the order of its text, whether it
// is read as a whole or while it comes (message_reader.h).

#pragma once

#include <cstdint>
#include <string_view>

#include "json/reader.h"

namespace wasat::relay {

// What is wanted of a member or an element.
enum class Take : std::uint8_t {
  kSkip,    // nothing
  kValue,   // value() with all of it
  kPieces,  // piece() with its bytes as they stand
  kText,    // of a string: piece() with its meaning
  kEnter,   // of an object or array: its members or elements are told as well
  kLater,   // of a member: member_again() behind all others, when more is known
};

class MessageSink {
 public:
  virtual ~MessageSink() = default;

  // A member begins: of the message (level 1), or of an object that was entered.
  virtual Take member(int level, std::string_view name, json::Type type) = 0;
  // The same of what was put off; it cannot be put off once more.
  virtual Take member_again(int level, std::string_view name, json::Type type) = 0;
  // An element of an array that was entered begins. It cannot be put off.
  virtual Take element(json::Type type) = 0;
  // What was taken, in full or in pieces. Views live during the call.
  virtual void value(json::Value value) = 0;
  virtual void piece(std::string_view bytes, bool last) = 0;
  // All of the message was told, and it is one JSON object.
  virtual void ended() = 0;
  // It is none, or holds more than may be held. Of a message that is read while it comes
  // much may have been told before.
  virtual void broken(std::string_view why) = 0;
};

}  // namespace wasat::relay
