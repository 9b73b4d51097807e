#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstdlib>

#include "bench/load/load.h"

namespace bench {
namespace {

double seconds_of(const timeval& time) {
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
}

double percentile(std::vector<float>& values, double p) {
  if (values.empty()) return 0;
  const auto at = static_cast<std::size_t>(p * static_cast<double>(values.size() - 1));
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(at), values.end());
  return static_cast<double>(values[at]);
}

}  // namespace

volatile std::sig_atomic_t interrupted = 0;

int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (fd < 0) {
    std::perror("bench_load: socket");
    std::exit(1);
  }
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
      errno != EINPROGRESS) {
    std::perror("bench_load: connect");
    std::exit(1);
  }
  return fd;
}

int report(Result& result, double seconds) {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf(
      "{\"seconds\": %.3f, \"cpu\": %.3f, \"idle_share\": %.3f, \"requests\": %llu, \"errors\": "
      "%llu, \"bad_status\": "
      "%llu, "
      "\"last_bad_status\": %d, \"bytes\": %llu, \"p50_us\": %.1f, \"p99_us\": %.1f, "
      "\"events\": %llu, \"other_events\": %llu, \"torn\": %llu, \"lost\": %llu, "
      "\"complete_streams\": %llu, \"first_event_p50_us\": %.1f, \"first_event_p99_us\": %.1f, "
      "\"delays\": %zu, \"delay_p50_us\": %.1f, \"delay_p99_us\": %.1f}\n",
      seconds, seconds_of(usage.ru_utime) + seconds_of(usage.ru_stime), result.idle_share,
      static_cast<unsigned long long>(result.requests),
      static_cast<unsigned long long>(result.errors),
      static_cast<unsigned long long>(result.bad_status), result.last_bad_status,
      static_cast<unsigned long long>(result.bytes), percentile(result.latencies, 0.5),
      percentile(result.latencies, 0.99), static_cast<unsigned long long>(result.events),
      static_cast<unsigned long long>(result.other_events),
      static_cast<unsigned long long>(result.torn), static_cast<unsigned long long>(result.lost),
      static_cast<unsigned long long>(result.complete_streams),
      percentile(result.first_events, 0.5), percentile(result.first_events, 0.99),
      result.delays.size(), percentile(result.delays, 0.5), percentile(result.delays, 0.99));
  return result.errors + result.bad_status + result.torn + result.lost == 0 ? 0 : 1;
}

}  // namespace bench
