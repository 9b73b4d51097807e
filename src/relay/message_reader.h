// MessageReader: how the messages of a node are read.
//
// There are two roads. Short messages are gathered when they come in parts, and parsed as a
// whole; of what is no JSON nothing is told. Long ones are told while they come. Both tell the
// same, in the same order, and which road a message takes depends on its length alone.
//
// Belongs to one connection's protocol. Holds nothing between messages.

#pragma once

#include <memory>
#include <string_view>

#include "base/body.h"
#include "relay/message_scanner.h"
#include "relay/node_message.h"
#include "relay/protocol.h"

namespace wasat::relay {

class MessageReader {
 public:
  explicit MessageReader(ProtocolLimits limits) : limits_(limits) {}

  // A part of a message, as Protocol::read().
  void read(std::string_view bytes, bool first, bool last, NodeMessage& message,
            NodeEvents& events);

 private:
  enum class Road : std::uint8_t {
    kGather,
    kScan,
    kIgnore,  // the rest of a message
  };

  void gather(std::string_view bytes);
  static void read_whole(PaddedView text, NodeMessage& message);
  void scan(std::string_view bytes, NodeMessage& message);

  const ProtocolLimits limits_;
  Road road_ = Road::kGather;
  std::unique_ptr<Buffer> gathered_;
  std::unique_ptr<MessageScanner> scanner_;
  bool is_blank_ = true;  // what was scanned
};

}  // namespace wasat::relay
