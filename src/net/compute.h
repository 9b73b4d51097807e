// Compute: a thread for what takes longer than a worker may be kept (parsing
// large bodies, hashing passwords).
//
//   co_await compute.run(loop, [&] { parsed = parse(body); });
//
// The coroutine goes on, on its own loop, when the work is done. Work is done in
// the order in which it came. The destructor waits for what is queued.

#pragma once

#include <condition_variable>
#include <coroutine>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "net/loop.h"

namespace wasat::net {

class Compute {
 public:
  using Work = std::move_only_function<void()>;

  Compute();
  ~Compute();
  Compute(const Compute&) = delete;
  Compute& operator=(const Compute&) = delete;

  class Run {
   public:
    Run(Compute& compute, Loop& loop, Work work)
        : compute_(compute), loop_(loop), work_(std::move(work)) {}
    bool await_ready() const { return false; }
    void await_suspend(std::coroutine_handle<> handle);
    void await_resume() const {}

   private:
    Compute& compute_;
    Loop& loop_;
    Work work_;
  };
  Run run(Loop& loop, Work work) { return Run(*this, loop, std::move(work)); }

  // Any thread; nobody waits for it.
  void post(Work work);

 private:
  void work_until_stopped();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Work> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace wasat::net
