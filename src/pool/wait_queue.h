// WaitQueue: leases that wait for a credential, first come, first served.
//
// One queue for each model (and owner, when only one credential can serve). Only the
// first of a queue tries; when it has got what it wanted, or gave up, the next one is
// the first. Whoever makes a credential available wakes the first of each queue, on
// its own loop. Shared by all workers; tickets are left by whoever took them.

#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "base/cancel.h"
#include "net/loop.h"

namespace wasat::pool {

class WaitQueue {
 public:
  class Wait;
  // One place in a queue. Everything but `wake` belongs to the loop's thread.
  class Ticket : public std::enable_shared_from_this<Ticket> {
   public:
    explicit Ticket(net::Loop& loop) : loop_(loop) {}
    // Any thread, while the ticket is in its queue.
    void wake();

   private:
    friend class WaitQueue;
    friend class Wait;
    net::Loop& loop_;
    std::atomic<bool> posted_{false};
    bool woken_ = false;
    Wait* wait_ = nullptr;
    std::string key_;
  };

  // co_await: until it is woken, the time has come, or `cancel` is requested.
  class Wait final : public net::TimerEntry, public Cancel::Hook {
   public:
    Wait(Ticket& ticket, net::TimePoint until, Cancel* cancel)
        : ticket_(ticket), until_(until), cancel_(cancel) {}
    bool await_ready() const {
      return ticket_.woken_ || (cancel_ != nullptr && cancel_->requested());
    }
    void await_suspend(std::coroutine_handle<> handle);
    void await_resume() { ticket_.woken_ = false; }

   private:
    friend class Ticket;
    void expired() override;
    void cancelled() override;
    void woken();
    void end();

    Ticket& ticket_;
    net::TimePoint until_;
    Cancel* cancel_;
    std::coroutine_handle<> handle_;
  };

  // Null: the queue is full, or closed.
  std::shared_ptr<Ticket> join(std::string key, net::Loop& loop, std::size_t most);
  void leave(Ticket& ticket);
  bool is_first(const Ticket& ticket) const;
  // Somebody waits there: who comes now must not overtake.
  bool has_waiters(std::string_view key) const;
  bool empty() const { return size_.load(std::memory_order_acquire) == 0; }

  void wake_all_first();
  // Wakes all; nobody joins any more.
  void close();
  bool closed() const { return closed_.load(std::memory_order_acquire); }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, std::deque<Ticket*>, std::less<>> queues_;
  std::atomic<std::size_t> size_{0};
  std::atomic<bool> closed_{false};
};

}  // namespace wasat::pool
