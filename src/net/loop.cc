#include "net/loop.h"

#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>

namespace wasat::net {

Loop::Bell::Bell() : fd(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  if (fd < 0) std::abort();  // without one nobody could be told anything
}

Loop::Bell::~Bell() { ::close(fd); }

void Loop::Bell::ring() const {
  const std::uint64_t one = 1;
  // It can fail only when it has been rung more often than a counter holds.
  (void)!::write(fd, &one, sizeof one);
}

// Each ring is an edge: there is no need to read it. What was posted is run in the next turn.
void Loop::Bell::on_ready(bool, bool, bool) {}

Loop::Loop() : wheel_(std::chrono::steady_clock::now()) { readiness_.add(bell_.fd, bell_); }

Loop::~Loop() {
  // What was never run may own sockets of this loop.
  running_.clear();
  posted_.clear();
}

void Loop::run() {
  stopped_ = false;
  while (!stopped_) turn(true);
}

void Loop::run_ready() {
  stopped_ = false;
  while (!stopped_ && turn(false)) {
  }
}

void Loop::stop() {
  post([this] { stopped_ = true; });
}

void Loop::post(std::move_only_function<void()> work) {
  // The bell is rung under the lock: once `work` can run, it may end the loop's life,
  // and this thread must have done with the loop.
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(work));
  if (asleep_.exchange(false)) bell_.ring();
}

bool Loop::turn(bool wait) {
  bool happened = run_posted();
  if (stopped_) return happened;
  TimePoint now = kNoDeadline;
  if (wakeup_ != kNoDeadline) {
    now = std::chrono::steady_clock::now();
    if (run_timers(now)) happened = true;
  }
  int milliseconds = 0;
  if (wait) {
    const std::lock_guard lock(mutex_);
    if (posted_.empty()) {
      milliseconds = patience(now);
      asleep_ = true;
    }
  }
  const bool events = readiness_.wait(milliseconds);
  asleep_ = false;
  readiness_.hand_out();
  return events || happened;
}

bool Loop::run_posted() {
  {
    const std::lock_guard lock(mutex_);
    running_.swap(posted_);
  }
  const bool any = !running_.empty();
  for (std::move_only_function<void()>& work : running_) work();
  running_.clear();
  return any;
}

bool Loop::run_timers(TimePoint now) {
  if (now < wakeup_) return false;
  wakeup_ = kNoDeadline;
  wheel_.advance(now);
  wakeup_ = std::min(wakeup_, wheel_.next_wakeup());
  return true;
}

// How long the next wait may be, in milliseconds; -1: for ever.
int Loop::patience(TimePoint now) const {
  if (wakeup_ == kNoDeadline) return -1;
  if (now == kNoDeadline) now = std::chrono::steady_clock::now();
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(wakeup_ - now).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 3'600'000));
}

void Loop::schedule(TimerEntry& entry, TimePoint deadline) {
  if (deadline == kNoDeadline) return;
  wheel_.add(entry, deadline);
  // If the wheel is looked at before that anyway, this entry will be found.
  if (deadline + TimerWheel::kTick < wakeup_) wakeup_ = deadline + TimerWheel::kTick;
}

void SleepUntil::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  loop_.schedule(*this, deadline_);
  if (cancel_ != nullptr) cancel_->watch(*this);
}

void SleepUntil::expired() {
  if (cancel_ != nullptr) cancel_->unwatch(*this);
  slept_ = true;
  handle_.resume();
}

void SleepUntil::cancelled() {
  TimerWheel::remove(*this);
  handle_.resume();
}

}  // namespace wasat::net
