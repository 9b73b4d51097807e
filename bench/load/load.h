// The load generator's modes, and what they have in common.

#pragma once

#include <chrono>
#include <csignal>
#include <cstdint>
#include <string>
#include <vector>

namespace bench {

struct Options {
  int port = 0;
  std::string path = "/";
  std::string method = "GET";
  std::vector<std::string> headers;
  std::string body_file;
  std::uint64_t body_bytes = 0;  // of a body that is made up as it goes
  unsigned connections = 1;
  unsigned ramp = 500;
  double duration = 0;
  std::uint64_t requests = 0;
  unsigned events = 0;
  bool idle = false;
  bool live = false;
  bool spin = false;       // never sleeps
  double rate = 20;        // frames a second, each session
  std::size_t size = 512;  // bytes of a frame's payload
};

struct Result {
  double idle_share = 0;  // of the asking for events, when it spins
  std::uint64_t requests = 0;
  std::uint64_t errors = 0;      // connections that failed, answers that broke off
  std::uint64_t bad_status = 0;  // answers other than 2xx
  std::uint64_t bytes = 0;       // of answers
  std::uint64_t events = 0;      // numbered ones
  std::uint64_t other_events = 0;
  std::uint64_t torn = 0;
  std::uint64_t lost = 0;
  std::uint64_t complete_streams = 0;
  int last_bad_status = 0;
  std::vector<float> latencies;     // microseconds; whole answers
  std::vector<float> first_events;  // microseconds
  std::vector<float> delays;        // microseconds; of events that say when they were sent
};

// SIGTERM came: the run ends with what it has.
extern volatile std::sig_atomic_t interrupted;

// Prints the result as one line of JSON; the exit status.
int report(Result& result, double seconds);

// A non-blocking connection to 127.0.0.1 that is under way.
int connect_to(int port);

int run_http(Options options);
int run_live(Options options);

}  // namespace bench
