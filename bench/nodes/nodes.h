// Relay nodes for the benchmarks: many connections that speak the first applet's protocol.

#pragma once

#include <cstdint>
#include <string>

namespace bench {

struct Options {
  int port = 0;
  std::string token;
  unsigned nodes = 1;
  unsigned events = 1;
  int interval_ms = 0;          // between a stream's events
  int delay_ms = 0;             // before an answer, or the first event of one
  std::uint64_t large_mib = 0;  // of the streamed answers of models that are called "large"
  bool spin = false;            // never sleeps
};

// Until standard input ends; the exit status.
int run_nodes(Options options);

}  // namespace bench
