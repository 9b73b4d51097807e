// The relay nodes of the benchmarks: one thread, one epoll.
//
//   bench_nodes --port P --token T --nodes N [--events N] [--interval MILLISECONDS]
//               [--delay MILLISECONDS] [--large-mib N] [--spin]
//
// A request for a stream gets N events, the first after the delay (none) and the others at the
// interval, each stream at a phase of its own. Each event carries its number and when it was sent
// ("#000042 @1234567890": microseconds of the steady clock). Any other request gets 1,024 bytes
// after the delay. A model with "large" in its name streams so many MiB, as fast as they are
// taken; streams of a node that has a long message under way do not tell the time meanwhile.
//
// Prints "ready N" when the relay has told that all can serve. Reads standard input: "kill N" ends
// the connections of N nodes, without a close frame, and prints "killed N REQUESTS"; at its end
// all leave, and the result is one line of JSON. --spin: never sleeps (bench/spin.h).

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "bench/nodes/nodes.h"

namespace bench {
namespace {

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--spin") {
      options.spin = true;
      continue;
    }
    if (i + 1 == argc) {
      std::fprintf(stderr, "bench_nodes: %s needs a value\n", argv[i]);
      std::exit(2);
    }
    const char* value = argv[++i];
    if (name == "--port") {
      options.port = std::atoi(value);
    } else if (name == "--token") {
      options.token = value;
    } else if (name == "--nodes") {
      options.nodes = static_cast<unsigned>(std::atoi(value));
    } else if (name == "--events") {
      options.events = static_cast<unsigned>(std::atoi(value));
    } else if (name == "--interval") {
      options.interval_ms = std::atoi(value);
    } else if (name == "--delay") {
      options.delay_ms = std::atoi(value);
    } else if (name == "--large-mib") {
      options.large_mib = std::strtoull(value, nullptr, 10);
    } else {
      std::fprintf(stderr, "bench_nodes: unknown option %s\n", argv[i - 1]);
      std::exit(2);
    }
  }
  return options;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  return bench::run_nodes(bench::read_options(argc, argv));
}
