// Waiting for events without sleeping.
//
// A peer that sleeps is woken by whoever sends to it: over loopback that is work of the
// sender's, on a virtual machine several microseconds for each message, and a slower proxy
// pays it more often, since its peers sleep more. Between machines nobody pays it. So the
// bench's own tools do not sleep while the proxies' CPU is compared: they ask, and let each
// other run (they share a core) when there was nothing.

#pragma once

#include <sched.h>
#include <sys/epoll.h>

#include <cstdint>
#include <vector>

namespace bench {

class Waiter {
 public:
  explicit Waiter(bool spin) : spin_(spin) {}

  // As epoll_wait; 0 at once when spinning and nothing has come.
  int wait(int epoll, std::vector<epoll_event>& events, int milliseconds) {
    const int room = static_cast<int>(events.size());
    if (!spin_) return epoll_wait(epoll, events.data(), room, milliseconds);
    const int n = epoll_wait(epoll, events.data(), room, 0);
    ++asked_;
    if (n == 0) {
      ++in_vain_;
      sched_yield();
    }
    return n;
  }

  // Which share of the asking was in vain: near 0, its core had nothing to spare.
  double idle_share() const {
    return asked_ == 0 ? 0 : static_cast<double>(in_vain_) / static_cast<double>(asked_);
  }

 private:
  const bool spin_;
  std::uint64_t asked_ = 0;
  std::uint64_t in_vain_ = 0;
};

}  // namespace bench
