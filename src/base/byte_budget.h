// A budget of bytes that all workers share, for what is held in memory on behalf
// of clients.

#pragma once

#include <atomic>
#include <cstddef>

namespace wasat {

class ByteBudget {
 public:
  explicit ByteBudget(std::size_t limit) : limit_(limit) {}

  // What is taken beyond a lower limit stays taken. Any thread.
  void set_limit(std::size_t limit) { limit_.store(limit, std::memory_order_relaxed); }

  // False, and nothing taken, when `n` bytes would exceed the limit.
  bool try_take(std::size_t n) {
    const std::size_t before = used_.fetch_add(n, std::memory_order_relaxed);
    if (before + n <= limit()) return true;
    used_.fetch_sub(n, std::memory_order_relaxed);
    return false;
  }
  void give_back(std::size_t n) { used_.fetch_sub(n, std::memory_order_relaxed); }

  std::size_t used() const { return used_.load(std::memory_order_relaxed); }
  std::size_t limit() const { return limit_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::size_t> limit_;
  std::atomic<std::size_t> used_{0};
};

}  // namespace wasat
