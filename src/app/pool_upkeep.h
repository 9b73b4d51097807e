// PoolUpkeep: what the pool needs done in the background, on a thread of its own.
//
// Every second it takes back credentials whose rest is over, for those who wait; every
// minute, and at its end, what has changed of their health is noted in the store. Runs
// from creation to destruction, which comes after the workers' and before the store's.

#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "app/credentials.h"

namespace wasat::app {

class PoolUpkeep {
 public:
  // All outlive this object. `now_and_then`: done a few times a minute, on that thread.
  PoolUpkeep(pool::Pool& pool, store::Store& store, const Clock& clock,
             std::function<void()> now_and_then);
  ~PoolUpkeep();
  PoolUpkeep(const PoolUpkeep&) = delete;
  PoolUpkeep& operator=(const PoolUpkeep&) = delete;

 private:
  void run();
  void note();

  pool::Pool& pool_;
  store::Store& store_;
  const Clock& clock_;
  const std::function<void()> now_and_then_;
  std::mutex mutex_;
  std::condition_variable stopping_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace wasat::app
