// Trouble: what keeps a writer from writing, for whoever asks and for one who watches.
//
// Any thread. The watcher is called when it begins, changes or ends, on the thread that met it.

#pragma once

#include <functional>
#include <mutex>
#include <string>
#include <utility>

namespace wasat::store {

class Trouble {
 public:
  // Gets the problem with its remedy; empty: all is well again.
  using Watcher = std::function<void(const std::string& problem)>;

  // Nobody is called any more once this has returned with an empty watcher.
  void watch(Watcher watcher) {
    const std::lock_guard lock(watching_);
    watcher_ = std::move(watcher);
  }

  // Of one thread at a time.
  void set(std::string problem) {
    {
      const std::lock_guard lock(mutex_);
      if (problem == problem_) return;
      problem_ = problem;
    }
    const std::lock_guard lock(watching_);
    if (watcher_) watcher_(problem);
  }

  std::string problem() const {
    const std::lock_guard lock(mutex_);
    return problem_;
  }

 private:
  mutable std::mutex mutex_;
  std::string problem_;
  std::mutex watching_;
  Watcher watcher_;
};

}  // namespace wasat::store
