#include "net/loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>

#include "net/loop_impl.h"

namespace wasat::net {

Loop::Loop()
    : impl_(std::make_unique<Impl>()),
      wheel_(std::chrono::steady_clock::now()),
      readiness_(*this) {}

Loop::~Loop() = default;

void Loop::run() {
  const auto work = boost::asio::make_work_guard(impl_->context);
  impl_->context.restart();
  impl_->context.run();
}

void Loop::run_ready() {
  impl_->context.restart();
  impl_->context.poll();
}

void Loop::stop() {
  boost::asio::post(impl_->context, [this] { impl_->context.stop(); });
}

void Loop::post(std::move_only_function<void()> work) {
  boost::asio::post(impl_->context, std::move(work));
}

void Loop::schedule(TimerEntry& entry, TimePoint deadline) {
  if (deadline == kNoDeadline) return;
  wheel_.add(entry, deadline);
  // A timer that is armed for earlier finds this entry when it fires.
  if (deadline + TimerWheel::kTick < armed_for_) arm(deadline + TimerWheel::kTick);
}

void Loop::arm(TimePoint wakeup) {
  armed_for_ = wakeup;
  impl_->timer.expires_at(wakeup);
  impl_->timer.async_wait([this](boost::system::error_code error) {
    if (!error) on_timer();
  });
}

void Loop::on_timer() {
  armed_for_ = kNoDeadline;
  wheel_.advance(std::chrono::steady_clock::now());
  const TimePoint next = wheel_.next_wakeup();
  if (next < armed_for_) arm(next);
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
