#include "net/compute.h"

namespace wasat::net {

Compute::Compute() : thread_([this] { work_until_stopped(); }) {}

Compute::~Compute() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void Compute::post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    queue_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void Compute::work_until_stopped() {
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty()) return;
    Work work = std::move(queue_.front());
    queue_.pop_front();
    lock.unlock();
    work();
    work = nullptr;
    lock.lock();
  }
}

void Compute::Run::await_suspend(std::coroutine_handle<> handle) {
  compute_.post([this, handle] {
    work_();
    loop_.post([handle] { handle.resume(); });
  });
}

}  // namespace wasat::net
