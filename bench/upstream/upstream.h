// The upstream of the benchmarks.

#pragma once

#include <string>

namespace bench {

struct Options {
  int port = 0;
  int tls_port = -1;
  std::string cert;
  std::string key;
  unsigned events = 1;
  int interval_ms = 0;
  std::size_t answer_bytes = 1024;  // of one that is not streamed
  bool spin = false;                // never sleeps
};

[[noreturn]] void run_upstream(Options options);

}  // namespace bench
