// `wasat node`: a relay node without a browser. The key stays on this machine; what a
// relay's clients ask comes over a WebSocket that this side has opened.

#pragma once

#include <cstdint>
#include <map>
#include <string>

namespace wasat::app {

struct NodeCommand {
  std::string relay;       // "wss://host/ws"
  std::string name;        // empty: the machine's
  std::string token_file;  // instead of WASAT_NODE_TOKEN
  std::string key_file;    // instead of GEMINI_API_KEY
  std::uint32_t concurrency = 32;
  std::uint64_t max_held = 1u << 30;  // bytes
  std::uint32_t drain_seconds = 60;
  std::map<std::string, std::string> environment;  // of settings that serve reads, too
};

// Runs until SIGTERM or SIGINT; a second one ends what still runs. Returns the exit code:
// 0 after a signal, 1 when the relay refuses it at the start, 2 when it cannot start as
// it is told.
int run_node(NodeCommand command);

}  // namespace wasat::app
