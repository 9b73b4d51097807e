#include "net/socket.h"

#include <limits.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace wasat::net {

class Socket::Core final : public Readiness::Watcher {
 public:
  Core(Loop& owner, int descriptor) : loop(owner), fd(descriptor) {
    loop.readiness().add(fd, *this);
  }
  ~Core() override = default;

  void on_ready(bool readable, bool writable, bool ended) override;

  // One per direction. `ready` until a try has shown otherwise.
  struct Side {
    bool ready = true;
    Wait* waiting = nullptr;
  };

  Loop& loop;
  const int fd;
  bool closed = false;
  bool no_more_edges = false;  // the peer has ended its stream: read until that shows
  Side read;
  Side write;
  void (*watch_callback)(void*) = nullptr;
  void* watch_context = nullptr;
};

// Whoever is woken may close the socket; then this is retired, but still there.
void Socket::Core::on_ready(bool readable, bool writable, bool ended) {
  if (ended) no_more_edges = true;
  if (readable) read.ready = true;
  if (writable) write.ready = true;
  if (readable && read.waiting != nullptr) {
    read.waiting->wake(Wake::kReady);
  } else if (readable && watch_callback != nullptr) {
    std::exchange(watch_callback, nullptr)(watch_context);
  }
  if (writable && !closed && write.waiting != nullptr) write.waiting->wake(Wake::kReady);
}

Socket::Socket() = default;
Socket::Socket(Loop& loop, int fd) : core_(std::make_unique<Core>(loop, fd)) {}
Socket::Socket(Socket&& other) noexcept = default;
Socket& Socket::operator=(Socket&& other) noexcept {
  core_.swap(other.core_);
  return *this;
}

Socket::~Socket() {
  if (core_ == nullptr) return;
  core_->closed = true;
  const int fd = core_->fd;
  Readiness& readiness = core_->loop.readiness();
  readiness.retire(fd, std::move(core_));
  ::close(fd);
}

int Socket::fd() const { return core_->fd; }
Loop& Socket::loop() const { return core_->loop; }
void Socket::expect_request() { core_->read.ready = false; }
void Socket::expect_connected() { core_->read.ready = core_->write.ready = false; }

IoResult Socket::read_some(std::span<char> room) {
  if (!core_->read.ready) return {.error = IoResult::kWouldBlock};
  for (;;) {
    const ssize_t n = ::recv(fd(), room.data(), room.size(), 0);
    if (n >= 0) {
      // A short read has emptied the kernel's buffer. An end of stream stays readable.
      if (n > 0 && static_cast<std::size_t>(n) < room.size() && !core_->no_more_edges) {
        core_->read.ready = false;
      }
      return {.bytes = static_cast<std::size_t>(n)};
    }
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return {.error = errno};
    core_->read.ready = false;
    return {.error = IoResult::kWouldBlock};
  }
}

IoResult Socket::write_some(std::span<const iovec> pieces) {
  if (!core_->write.ready) return {.error = IoResult::kWouldBlock};
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());
  message.msg_iovlen = std::min<std::size_t>(pieces.size(), IOV_MAX);
  for (;;) {
    const ssize_t n = ::sendmsg(fd(), &message, MSG_NOSIGNAL);
    if (n >= 0) return {.bytes = static_cast<std::size_t>(n)};
    if (errno == EINTR) continue;
    if (errno != EAGAIN && errno != EWOULDBLOCK) return {.error = errno};
    core_->write.ready = false;
    return {.error = IoResult::kWouldBlock};
  }
}

Socket::Wait Socket::readable(TimePoint deadline, Cancel* cancel) {
  return Wait(*core_, true, false, deadline, cancel);
}
Socket::Wait Socket::writable(TimePoint deadline, Cancel* cancel) {
  return Wait(*core_, false, true, deadline, cancel);
}
Socket::Wait Socket::readable_or_writable(TimePoint deadline, Cancel* cancel) {
  return Wait(*core_, true, true, deadline, cancel);
}

void Socket::watch(void (*callback)(void*), void* context) {
  core_->watch_callback = callback;
  core_->watch_context = context;
  // There may be something that nobody has read: no further edge would tell of it.
  if (core_->read.ready) std::exchange(core_->watch_callback, nullptr)(context);
}

void Socket::unwatch() { core_->watch_callback = nullptr; }

void Socket::shutdown_write() { ::shutdown(fd(), SHUT_WR); }

void Socket::shutdown_both() { ::shutdown(fd(), SHUT_RDWR); }

void Socket::reset_on_close() {
  const linger option{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(fd(), SOL_SOCKET, SO_LINGER, &option, sizeof option);
}

bool Socket::Wait::await_ready() {
  if (cancel_ != nullptr && cancel_->requested()) {
    result_ = Wake::kCancelled;
    return true;
  }
  return (read_ && core_.read.ready) || (write_ && core_.write.ready);
}

void Socket::Wait::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  attached_ = true;
  if (read_) {
    core_.read.waiting = this;
  }
  if (write_) {
    core_.write.waiting = this;
  }
  core_.loop.schedule(*this, deadline_);
  if (cancel_ != nullptr) cancel_->watch(*this);
}

void Socket::Wait::detach() {
  if (!attached_) return;
  attached_ = false;
  if (core_.read.waiting == this) core_.read.waiting = nullptr;
  if (core_.write.waiting == this) core_.write.waiting = nullptr;
  TimerWheel::remove(*this);
  if (cancel_ != nullptr) cancel_->unwatch(*this);
}

void Socket::Wait::wake(Wake result) {
  result_ = result;
  detach();
  handle_.resume();
}

}  // namespace wasat::net
