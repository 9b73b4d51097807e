// Socket: a non-blocking file descriptor on a Loop, and waiting for it.
//
// Reading and writing never wait; when they would, the caller awaits readable()
// or writable() and tries again. Readiness is noted whether somebody waits or
// not: a caller that gives up (deadline, cancel) loses nothing and undoes nothing,
// so "idle" is cheap and a TLS read is never torn.
//
// One coroutine may wait for reading and one for writing at a time.

#pragma once

#include <sys/uio.h>

#include <coroutine>
#include <cstdint>
#include <span>
#include <utility>

#include "net/loop.h"

namespace wasat::net {

enum class Wake : std::uint8_t { kReady, kTimeout, kCancelled, kClosed };

// What one try to read or write gave.
struct IoResult {
  static constexpr int kWouldBlock = -1;
  static constexpr int kTlsFailure = -2;

  std::size_t bytes = 0;  // 0 and error 0: the peer has ended the stream
  int error = 0;          // errno, kWouldBlock or kTlsFailure
  bool would_block() const { return error == kWouldBlock; }
  bool ended() const { return error == 0 && bytes == 0; }
};

class Socket {
 public:
  class Core;

  Socket();
  // Takes over `fd`, which must be non-blocking.
  Socket(Loop& loop, int fd);
  Socket(Socket&& other) noexcept;
  Socket& operator=(Socket&& other) noexcept;
  ~Socket();

  explicit operator bool() const { return core_ != nullptr; }
  int fd() const;
  Loop& loop() const;

  IoResult read_some(std::span<char> room);
  // Writes as much as the kernel takes; at most IOV_MAX pieces are looked at.
  IoResult write_some(std::span<const iovec> pieces);
  // Just accepted: not readable before the kernel says so.
  void expect_request();
  // A connect is under way: neither readable nor writable before the kernel says so.
  void expect_connected();

  class Wait;
  Wait readable(TimePoint deadline, Cancel* cancel = nullptr);
  Wait writable(TimePoint deadline, Cancel* cancel = nullptr);
  Wait readable_or_writable(TimePoint deadline, Cancel* cancel = nullptr);

  // Calls `callback(context)` once when the socket becomes readable (at once when
  // it may be so already), unless a coroutine waits for that. Stays until then or
  // until unwatch().
  void watch(void (*callback)(void*), void* context);
  void unwatch();

  // The peer sees the end of our stream; reading goes on.
  void shutdown_write();
  // Reads and writes fail from now on; whoever waits is woken.
  void shutdown_both();
  // The peer sees a reset instead of an orderly end when the socket closes.
  void reset_on_close();

 private:
  std::unique_ptr<Core> core_;
};

class Socket::Wait final : public TimerEntry, public Cancel::Hook {
 public:
  Wait(Core& core, bool read, bool write, TimePoint deadline, Cancel* cancel)
      : core_(core), read_(read), write_(write), deadline_(deadline), cancel_(cancel) {}
  ~Wait() { detach(); }

  bool await_ready();
  void await_suspend(std::coroutine_handle<> handle);
  Wake await_resume() const { return result_; }

 private:
  friend class Core;
  void wake(Wake result);
  void detach();
  void expired() override { wake(Wake::kTimeout); }
  void cancelled() override { wake(Wake::kCancelled); }

  Core& core_;
  bool read_;
  bool write_;
  bool attached_ = false;
  Wake result_ = Wake::kReady;
  TimePoint deadline_;
  Cancel* cancel_;
  std::coroutine_handle<> handle_;
};

}  // namespace wasat::net
