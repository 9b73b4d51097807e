// NodeStatus: what can be told of a node: plain values, for pages and metrics.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>

namespace wasat::relay {

struct NodeStatus {
  std::string id;        // of its credential in the pool: "relay-<name>"
  std::string name;      // what it calls itself, or what it was called
  std::string protocol;  // "applet"
  std::string address;   // of the client, behind trusted proxies
  std::string token_id;  // which node token it came with; empty: the relay is open
  std::chrono::sys_time<std::chrono::milliseconds> since;
  std::chrono::sys_time<std::chrono::milliseconds> last_heard;
  std::uint32_t running = 0;  // requests that it has now
  std::uint64_t served = 0;
  std::uint64_t failed = 0;
  std::uint64_t bytes_in = 0;   // from the node
  std::uint64_t bytes_out = 0;  // to it
  std::uint64_t messages_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t too_slow = 0;       // answers that failed since their clients read too slowly
  std::uint64_t misunderstood = 0;  // messages
  std::size_t worker = 0;
  bool draining = false;  // gets nothing new
};

}  // namespace wasat::relay
