// The upstream of the benchmarks: answers like Gemini, as cheaply as it can.
//
//   bench_upstream [--port P] [--tls-port P --cert FILE --key FILE]
//                  [--events N] [--interval MILLISECONDS] [--spin]
//
// A path with "streamGenerateContent" gets N server-sent events, the first at
// once and the others at the interval; a WebSocket gets its frames back; everything else gets 1,024
// bytes of JSON (--answer-bytes). Request bodies are read and dropped. Each event carries its
// number ("#000042"), so that the load generator sees what is lost. One thread; nothing is
// allocated per request once a connection has warmed up. --spin: never sleeps (bench/spin.h).
// Prints "ready PORT TLS_PORT".

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "bench/upstream/upstream.h"

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
      std::fprintf(stderr, "bench_upstream: %s needs a value\n", argv[i]);
      std::exit(2);
    }
    const char* value = argv[++i];
    if (name == "--port") {
      options.port = std::atoi(value);
    } else if (name == "--tls-port") {
      options.tls_port = std::atoi(value);
    } else if (name == "--cert") {
      options.cert = value;
    } else if (name == "--key") {
      options.key = value;
    } else if (name == "--events") {
      options.events = static_cast<unsigned>(std::atoi(value));
    } else if (name == "--answer-bytes") {
      options.answer_bytes = static_cast<std::size_t>(std::strtoull(value, nullptr, 10));
    } else if (name == "--interval") {
      options.interval_ms = std::atoi(value);
    } else {
      std::fprintf(stderr, "bench_upstream: unknown option %s\n", argv[i - 1]);
      std::exit(2);
    }
  }
  return options;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  bench::run_upstream(bench::read_options(argc, argv));
}
