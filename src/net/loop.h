// Loop: the event loop of one worker (Asio on epoll, one thread).
//
// Everything that waits on a Loop belongs to its thread; only post() and stop()
// may be called from others. A Loop outlives all sockets and timers on it.

#pragma once

#include <coroutine>
#include <functional>
#include <memory>

#include "base/cancel.h"
#include "net/buffer_pool.h"
#include "net/readiness.h"
#include "net/timer_wheel.h"

namespace wasat::net {

class Loop {
 public:
  Loop();
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  // Runs on the calling thread until stop().
  void run();
  // Runs what is ready now, without waiting; for tests and for shutting down.
  void run_ready();
  // Any thread. What is ready is still run before run() returns.
  void stop();
  // Any thread: `work` runs on the loop's thread, in order of posting.
  void post(std::move_only_function<void()> work);

  // Schedules `entry` to fire at `deadline`; nothing for kNoDeadline.
  void schedule(TimerEntry& entry, TimePoint deadline);
  BufferPool& buffers() { return buffers_; }
  Readiness& readiness() { return readiness_; }

  struct Impl;
  Impl& impl() { return *impl_; }  // for the sources of net/ only

 private:
  void arm(TimePoint wakeup);
  void on_timer();

  std::unique_ptr<Impl> impl_;
  TimerWheel wheel_;
  TimePoint armed_for_ = kNoDeadline;
  BufferPool buffers_;
  Readiness readiness_;
};

// co_await sleep_until(loop, deadline, &cancel): true when the time has come,
// false when cancelled before.
class SleepUntil final : public TimerEntry, public Cancel::Hook {
 public:
  SleepUntil(Loop& loop, TimePoint deadline, Cancel* cancel)
      : loop_(loop), deadline_(deadline), cancel_(cancel) {}

  bool await_ready() const { return cancel_ != nullptr && cancel_->requested(); }
  void await_suspend(std::coroutine_handle<> handle);
  bool await_resume() const { return slept_; }

 private:
  void expired() override;
  void cancelled() override;

  Loop& loop_;
  TimePoint deadline_;
  Cancel* cancel_;
  std::coroutine_handle<> handle_;
  bool slept_ = false;
};

inline SleepUntil sleep_until(Loop& loop, TimePoint deadline, Cancel* cancel = nullptr) {
  return SleepUntil(loop, deadline, cancel);
}
inline SleepUntil sleep_for(Loop& loop, std::chrono::nanoseconds duration,
                            Cancel* cancel = nullptr) {
  return SleepUntil(loop, std::chrono::steady_clock::now() + duration, cancel);
}

// co_await yield(loop): lets what else is ready run first.
struct Yield {
  Loop& loop;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) {
    loop.post([handle] { handle.resume(); });
  }
  void await_resume() const {}
};
inline Yield yield(Loop& loop) { return {loop}; }

}  // namespace wasat::net
