// Loop: the event loop of one worker (epoll, one thread).
//
// A turn runs what was posted, then the timers that are due, then waits for events of
// sockets and hands out one batch of them. Everything that waits on a Loop belongs to
// its thread; only post() and stop() may be called from others. A Loop outlives all
// sockets and timers on it.

#pragma once

#include <atomic>
#include <coroutine>
#include <functional>
#include <mutex>
#include <vector>

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
  // Any thread: `work` runs on the loop's thread, in order of posting. Whoever has seen
  // it run may destroy the loop, also while the posting thread is still on its way out.
  void post(std::move_only_function<void()> work);

  // Schedules `entry` to fire at `deadline`; nothing for kNoDeadline.
  void schedule(TimerEntry& entry, TimePoint deadline);
  BufferPool& buffers() { return buffers_; }
  Readiness& readiness() { return readiness_; }

 private:
  // Tells the loop's thread, which waits for events, that something was posted.
  struct Bell final : Readiness::Watcher {
    Bell();
    ~Bell() override;
    void ring() const;
    void on_ready(bool readable, bool writable, bool ended) override;
    int fd;
  };

  // One turn; `wait`: for as long as nothing happens. Whether anything happened.
  bool turn(bool wait);
  bool run_posted();
  bool run_timers(TimePoint now);
  int patience(TimePoint now) const;

  std::mutex mutex_;
  std::vector<std::move_only_function<void()>> posted_;
  // In a wait that only an event or the bell ends, or about to be.
  std::atomic<bool> asleep_{false};
  // The loop's thread alone.
  std::vector<std::move_only_function<void()>> running_;
  bool stopped_ = false;
  TimerWheel wheel_;
  TimePoint wakeup_ = kNoDeadline;  // when the wheel must be looked at
  BufferPool buffers_;
  Readiness readiness_;
  Bell bell_;
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
