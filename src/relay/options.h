// Options of the relay: what nodes may do. Changed while it runs.

#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace wasat::relay {

struct Options {
  bool enabled = false;
  // The operator counts on nodes, whether one is there or not: the relay is open, or has tokens.
  bool expected = false;
  std::size_t most_nodes = 10'000;
  // Of a node, in a second, over ten seconds; who sends more is dropped.
  std::uint64_t most_messages = 1000;
  std::uint64_t most_rate = 0;                // bytes that are read from a node in a second; 0: any
  std::uint64_t most_message = 512ull << 20;  // bytes
  // Of an answer, what may wait for a client that reads slowly. A stream that is alone on its
  // node stalls the node's sending well before; one of several fails alone.
  std::size_t window = 4u << 20;
  std::chrono::milliseconds request_timeout{240'000};  // without a word about a request
  std::chrono::milliseconds ping_interval{30'000};
};

}  // namespace wasat::relay
