#include "net/readiness.h"

#include <sys/epoll.h>

#include <array>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>
#include <cstdlib>
#include <span>

#include "net/loop_impl.h"

namespace wasat::net {
namespace {

constexpr int kBatch = 256;
// Batches taken in a row before timers and posted work get their turn.
constexpr int kBatchesInARow = 4;

}  // namespace

struct Readiness::Asio {
  boost::asio::posix::basic_stream_descriptor<Executor> descriptor;
};

Readiness::Readiness(Loop& loop) : fd_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (fd_ < 0) std::abort();  // without one nothing can be served
  asio_ = std::make_unique<Asio>(
      boost::asio::posix::basic_stream_descriptor<Executor>(loop.impl().context, fd_));
  wait();
}

Readiness::~Readiness() = default;

void Readiness::add(int fd, Watcher& watcher) {
  epoll_event event{.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET, .data = {.ptr = &watcher}};
  ::epoll_ctl(fd_, EPOLL_CTL_ADD, fd, &event);
}

// Said explicitly: closing a descriptor of which there is a duplicate (a listening
// socket's) would leave it in the set.
void Readiness::retire(int fd, std::unique_ptr<Watcher> watcher) {
  ::epoll_ctl(fd_, EPOLL_CTL_DEL, fd, nullptr);
  if (!dispatching_) return;
  watcher->retired_ = true;
  retired_.push_back(std::move(watcher));
}

void Readiness::wait() {
  asio_->descriptor.async_wait(boost::asio::posix::descriptor_base::wait_read,
                               [this](boost::system::error_code error) {
                                 if (error) return;
                                 dispatch();
                                 wait();
                               });
}

void Readiness::dispatch() {
  std::array<epoll_event, kBatch> events;
  for (int batch = 0; batch < kBatchesInARow; ++batch) {
    const int count = ::epoll_wait(fd_, events.data(), kBatch, 0);
    if (count <= 0) return;
    dispatching_ = true;
    for (const epoll_event& event : std::span(events).first(static_cast<std::size_t>(count))) {
      auto& watcher = *static_cast<Watcher*>(event.data.ptr);
      if (watcher.retired_) continue;
      const bool broken = (event.events & (EPOLLERR | EPOLLHUP)) != 0;
      watcher.on_ready(broken || (event.events & (EPOLLIN | EPOLLRDHUP)) != 0,
                       broken || (event.events & EPOLLOUT) != 0,
                       broken || (event.events & EPOLLRDHUP) != 0);
    }
    dispatching_ = false;
    retired_.clear();
    if (count < kBatch / 4) return;
  }
}

}  // namespace wasat::net
