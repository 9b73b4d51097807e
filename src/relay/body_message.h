// BodyMessage: a message to a node with a request's body in it, made as it is sent.
//
// The body is a value among others, or the content of a string: then what JSON escapes is
// escaped on the way. Long stretches go out from where they lie; what is short is gathered,
// so that a small message is one piece. The body outlives the message.

#pragma once

#include <string>
#include <string_view>

#include "base/body.h"
#include "relay/protocol.h"

namespace wasat::relay {

class BodyMessage final : public OutgoingMessage {
 public:
  enum class Form : std::uint8_t { kValue, kString };

  // A null body is an empty one.
  BodyMessage(std::string head, const Body* body, Form form, std::string tail);

  std::string_view next() override;

 private:
  // The part that `part_` names: the head, the body's pieces, the tail.
  std::string_view part() const;
  bool is_escaped() const;

  const std::string head_;
  const Body* const body_;
  const Form form_;
  const std::string tail_;
  std::size_t pieces_ = 0;  // of the body
  std::size_t part_ = 0;
  std::size_t sent_ = 0;  // of this part
  std::string gathered_;
};

}  // namespace wasat::relay
