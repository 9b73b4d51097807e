// Heartbeat: keeps a client's connection from looking dead while its exchange waits.
//
// Owned by an exchange, on its worker. While it is on, something harmless goes
// out after every `after` of silence. It must be off, and ended() awaited when
// beating(), before the exchange itself writes, and before this is destroyed.

#pragma once

#include <chrono>

#include "base/clock.h"
#include "base/result.h"
#include "base/task.h"
#include "net/loop.h"

namespace wasat::gateway {

class Heartbeat final : net::TimerEntry {
 public:
  // What beats: writes to the client and returns when it has been taken.
  class Pulse {
   public:
    virtual Task<Result<>> beat() = 0;

   protected:
    ~Pulse() = default;
  };

  // `after` of 0: never beats.
  Heartbeat(net::Loop& loop, const Clock& clock, std::chrono::milliseconds after, Pulse& pulse)
      : loop_(loop), clock_(clock), after_(after), pulse_(pulse) {}

  // The client waits, since `last` at the latest.
  void on(Clock::Steady last);
  void off() { on_ = false; }
  bool beating() const { return beating_; }
  // co_await heartbeat.ended(): when the beat that is under way has been written.
  struct Ended {
    Heartbeat& heartbeat;
    bool await_ready() const { return !heartbeat.beating_; }
    void await_suspend(std::coroutine_handle<> handle) { heartbeat.waiting_ = handle; }
    void await_resume() const {}
  };
  Ended ended() { return {*this}; }

 private:
  void expired() override;
  Task<> beat();

  net::Loop& loop_;
  const Clock& clock_;
  const std::chrono::milliseconds after_;
  Pulse& pulse_;
  Clock::Steady last_;
  bool on_ = false;
  bool beating_ = false;
  std::coroutine_handle<> waiting_;
  TaskScope scope_;
};

}  // namespace wasat::gateway
