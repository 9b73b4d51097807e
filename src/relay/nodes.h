// Nodes: who is connected, for those who look on and those who show nodes out; and who is
// told when one comes or goes. The hub is these Nodes; composition gives it a listener.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "relay/node_status.h"

namespace wasat::relay {

// Of all nodes since the start, those that have left included.
struct NodeTotals {
  std::uint64_t joined = 0;
  std::uint64_t served = 0;
  std::uint64_t failed = 0;
  std::uint64_t messages_in = 0;  // from nodes
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
  std::uint64_t misunderstood = 0;
  std::uint64_t too_slow = 0;

  void add(const NodeStatus& node) {
    served += node.served;
    failed += node.failed;
    messages_in += node.messages_in;
    messages_out += node.messages_out;
    bytes_in += node.bytes_in;
    bytes_out += node.bytes_out;
    misunderstood += node.misunderstood;
    too_slow += node.too_slow;
  }
};

class Nodes {
 public:
  virtual ~Nodes() = default;

  // Any thread; none of them waits for a worker.
  virtual std::vector<NodeStatus> nodes() const = 0;
  // That can be given requests: one that comes is in nodes() a moment before.
  virtual std::size_t node_count() const = 0;
  // Requests that nodes have now.
  virtual std::size_t running() const = 0;
  virtual NodeTotals totals() const = 0;

  // False: there is no node of this id.
  // It gets nothing new, and leaves when it has nothing more to do.
  virtual bool drain(std::string_view id) = 0;
  // It leaves now; what it has is tried elsewhere. `why` is told to it in the close frame: at
  // most 120 bytes, no secrets.
  virtual bool disconnect(std::string_view id, std::string_view why) = 0;
};

class NodeListener {
 public:
  virtual ~NodeListener() = default;
  // On the node's worker, while no lock is held; must not block.
  virtual void joined(const NodeStatus& node) = 0;
  // `why`: for people, such as "closed by the node"; may be empty.
  virtual void left(const NodeStatus& node, std::string_view why) = 0;
  // The id that a node's own name has given it is its token's now.
  virtual void name_taken(const NodeStatus& node) = 0;
};

}  // namespace wasat::relay
