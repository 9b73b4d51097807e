#include "net/socket.h"

#include <limits.h>
#include <sys/socket.h>

#include <boost/asio/posix/stream_descriptor.hpp>
#include <cerrno>

#include "net/loop_impl.h"

namespace wasat::net {

namespace asio = boost::asio;

struct Socket::Core {
  Core(Loop& owner, int fd) : loop(owner), descriptor(owner.impl().context, fd) {}

  // One per direction. `ready` until a try has shown otherwise.
  struct Side {
    bool ready = true;
    bool armed = false;
    Wait* waiting = nullptr;
  };

  void arm_read();
  void arm_write();
  void on_readable();
  void on_writable();
  void release() {
    if (--references == 0) delete this;
  }

  Loop& loop;
  asio::posix::basic_stream_descriptor<Executor> descriptor;
  int references = 1;
  bool closed = false;
  Side read;
  Side write;
  void (*watch_callback)(void*) = nullptr;
  void* watch_context = nullptr;
};

void Socket::Core::arm_read() {
  if (read.armed) return;
  read.armed = true;
  ++references;
  descriptor.async_wait(asio::posix::descriptor_base::wait_read, [this](boost::system::error_code) {
    read.armed = false;
    if (!closed) on_readable();
    release();
  });
}

void Socket::Core::arm_write() {
  if (write.armed) return;
  write.armed = true;
  ++references;
  descriptor.async_wait(asio::posix::descriptor_base::wait_write,
                        [this](boost::system::error_code) {
                          write.armed = false;
                          if (!closed) on_writable();
                          release();
                        });
}

void Socket::Core::on_readable() {
  read.ready = true;
  if (read.waiting != nullptr) {
    read.waiting->wake(Wake::kReady);
  } else if (watch_callback != nullptr) {
    std::exchange(watch_callback, nullptr)(watch_context);
  }
}

void Socket::Core::on_writable() {
  write.ready = true;
  if (write.waiting != nullptr) write.waiting->wake(Wake::kReady);
}

Socket::Socket(Loop& loop, int fd) : core_(new Core(loop, fd)) {}

Socket::~Socket() {
  if (core_ == nullptr) return;
  core_->closed = true;
  core_->watch_callback = nullptr;
  boost::system::error_code ignored;
  core_->descriptor.close(ignored);
  core_->release();
}

int Socket::fd() const { return core_->descriptor.native_handle(); }
Loop& Socket::loop() const { return core_->loop; }
bool Socket::maybe_readable() const { return core_->read.ready; }
void Socket::expect_connected() { core_->read.ready = core_->write.ready = false; }

IoResult Socket::read_some(std::span<char> room) {
  if (!core_->read.ready) return {.error = IoResult::kWouldBlock};
  for (;;) {
    const ssize_t n = ::recv(fd(), room.data(), room.size(), 0);
    if (n >= 0) {
      // A short read has emptied the kernel's buffer. An end of stream stays readable.
      if (n > 0 && static_cast<std::size_t>(n) < room.size()) core_->read.ready = false;
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
  core_->arm_read();
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
    core_.arm_read();
  }
  if (write_) {
    core_.write.waiting = this;
    core_.arm_write();
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
