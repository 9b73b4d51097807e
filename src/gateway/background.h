// Background: what goes on behind an answer, on one worker, such as a check of many credentials.
//
// Owned by the worker's thread, which is the only one to use it. Each task has a Cancel of its
// own, which stop() requests; the worker has drained when scope() is empty.

#pragma once

#include <functional>
#include <unordered_set>

#include "base/cancel.h"
#include "base/task.h"

namespace wasat::gateway {

class Background {
 public:
  // Makes the task, once. It lives until the task has ended.
  using Work = std::move_only_function<Task<>(Cancel& cancel)>;

  void start(Work work) { scope_.start(run(std::move(work))); }
  void stop() {
    stopped_ = true;
    const std::unordered_set<Cancel*> all = cancels_;
    for (Cancel* cancel : all) {
      if (cancels_.contains(cancel)) cancel->request();
    }
  }
  TaskScope& scope() { return scope_; }

 private:
  Task<> run(Work work) {
    Cancel cancel;
    if (stopped_) cancel.request();
    cancels_.insert(&cancel);
    co_await work(cancel);
    cancels_.erase(&cancel);
  }

  bool stopped_ = false;
  std::unordered_set<Cancel*> cancels_;
  TaskScope scope_;
};

}  // namespace wasat::gateway
