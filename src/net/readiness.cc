#include "net/readiness.h"

#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <span>

namespace wasat::net {

Readiness::Readiness() : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (fd_ < 0) std::abort();  // without one nothing can be served
}

Readiness::~Readiness() { ::close(fd_); }

void Readiness::add(int fd, Watcher& watcher) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &watcher}};
  ::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event);
}

void Readiness::watch_level(int fd, bool read, bool write, Watcher& watcher) {
  epoll_event event{.events = (read ? EPOLLIN : 0u) | (write ? EPOLLOUT : 0u),
                    .data = {.ptr = &watcher}};
  if (::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event) != 0) {
    ::epoll_ctl(fd_, EPOLL_CTL_MOD, fd, &event);
  }
}

// Said explicitly: closing a descriptor of which there is a duplicate (a listening
// socket's) would leave it in the set.
void Readiness::retire(int fd, std::unique_ptr<Watcher> watcher) {
  ::epoll_ctl(fd_, EPOLL_CTL_DEL, fd, nullptr);
  if (!handing_out_) return;
  watcher->retired_ = true;
  retired_.push_back(std::move(watcher));
}

bool Readiness::wait(int milliseconds) {
  count_ = std::max(0, ::epoll_wait(fd_, events_.data(), kBatch, milliseconds));
  return count_ > 0;
}

void Readiness::hand_out() {
  handing_out_ = true;
  for (const epoll_event& event : std::span(events_).first(static_cast<std::size_t>(count_))) {
    auto& watcher = *static_cast<Watcher*>(event.data.ptr);
    if (watcher.retired_) continue;
    const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
    watcher.on_ready(broken || (event.events & (EPOLLIN | EPOLLRDHUP)) != 0,
                     broken || (event.events & EPOLLOUT) != 0,
                     broken || (event.events & EPOLLRDHUP) != 0);
  }
  handing_out_ = false;
  retired_.clear();
}

}  // namespace wasat::net
