// Together: the tasks of one exchange that run at the same time.
//
// A Cancel has one waiter, so each task gets a Cancel of its own, and all are
// requested when the exchange's is. The exchange waits for nothing else
// meanwhile. One worker; destroyed when all tasks have ended.

#pragma once

#include <vector>

#include "base/cancel.h"
#include "base/task.h"
#include "net/loop.h"

namespace wasat::gateway {

class Together final : Cancel::Hook {
 public:
  Together(net::Loop& loop, Cancel& exchange);
  ~Together() { exchange_.unwatch(*this); }
  Together(const Together&) = delete;
  Together& operator=(const Together&) = delete;

  // Runs `task` until it first waits. `cancel` is what its waits are watched by;
  // both it and what the task uses outlive the task.
  void start(Task<> task, Cancel& cancel);
  std::size_t running() const { return scope_.running(); }
  void cancel_all();

  // co_await together.one_ended(): at once when none runs.
  struct OneEnded {
    Together& together;
    bool await_ready() const { return together.scope_.empty() || together.unseen_ > 0; }
    void await_suspend(std::coroutine_handle<> handle) { together.waiting_ = handle; }
    void await_resume() const { together.unseen_ = 0; }
  };
  OneEnded one_ended() { return {*this}; }

 private:
  void cancelled() override { cancel_all(); }
  static void on_end(void* self);

  net::Loop& loop_;
  Cancel& exchange_;
  TaskScope scope_;
  std::vector<Cancel*> cancels_;
  std::size_t unseen_ = 0;  // ended since somebody last waited
  std::coroutine_handle<> waiting_;
};

}  // namespace wasat::gateway
