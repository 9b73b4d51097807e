// The load generator of the benchmarks: one thread, one epoll, HTTP/1.1.
//
//   bench_load --port P --path PATH [--method M] [--header 'name: value']...
//              [--body-file F | --body-bytes N] [--connections N] [--ramp N]
//     closed loop   --duration SECONDS | --requests TOTAL
//     streams       --events N: each connection asks once and counts N events
//     idle          --idle: one request per connection, then prints "idle" and
//                   holds the connections until standard input ends
//
//     live          --live --connections N --rate F --size BYTES --duration S: WebSocket
//                   sessions that send F frames a second each and count the answers
//
// --spin: never sleeps (bench/spin.h). --ramp bounds how many connections wait for their first
// answer at a time. In a stream, each event must be whole ("data: {...}"), those that carry a
// number ("#000042") must come in order, none missing; they may say when they were sent
// ("#000042 @MICROSECONDS"). "progress" is printed once every stream has begun. SIGTERM ends the
// run with what it has. The result is one line of JSON.

#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "bench/load/load.h"

namespace bench {
namespace {

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i < argc; ++i) {
    const std::string_view name = argv[i];
    if (name == "--idle") {
      options.idle = true;
      continue;
    }
    if (name == "--spin") {
      options.spin = true;
      continue;
    }
    if (name == "--live") {
      options.live = true;
      continue;
    }
    if (i + 1 == argc) {
      std::fprintf(stderr, "bench_load: %s needs a value\n", argv[i]);
      std::exit(2);
    }
    const char* value = argv[++i];
    if (name == "--port") {
      options.port = std::atoi(value);
    } else if (name == "--path") {
      options.path = value;
    } else if (name == "--method") {
      options.method = value;
    } else if (name == "--header") {
      options.headers.emplace_back(value);
    } else if (name == "--body-bytes") {
      options.body_bytes = std::strtoull(value, nullptr, 10);
    } else if (name == "--body-file") {
      options.body_file = value;
    } else if (name == "--connections") {
      options.connections = static_cast<unsigned>(std::atoi(value));
    } else if (name == "--ramp") {
      options.ramp = static_cast<unsigned>(std::atoi(value));
    } else if (name == "--duration") {
      options.duration = std::atof(value);
    } else if (name == "--requests") {
      options.requests = std::strtoull(value, nullptr, 10);
    } else if (name == "--events") {
      options.events = static_cast<unsigned>(std::atoi(value));
    } else if (name == "--rate") {
      options.rate = std::atof(value);
    } else if (name == "--size") {
      options.size = static_cast<std::size_t>(std::atoi(value));
    } else {
      std::fprintf(stderr, "bench_load: unknown option %s\n", argv[i - 1]);
      std::exit(2);
    }
  }
  return options;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, [](int) { bench::interrupted = 1; });
  bench::Options options = bench::read_options(argc, argv);
  return options.live ? bench::run_live(std::move(options)) : bench::run_http(std::move(options));
}
