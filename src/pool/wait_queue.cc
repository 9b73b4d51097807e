#include "pool/wait_queue.h"

#include <algorithm>

namespace wasat::pool {

void WaitQueue::Ticket::wake() {
  if (posted_.exchange(true)) return;
  loop_.post([self = shared_from_this()] {
    self->posted_ = false;
    self->woken_ = true;
    if (self->wait_ != nullptr) self->wait_->woken();
  });
}

void WaitQueue::Wait::await_suspend(std::coroutine_handle<> handle) {
  handle_ = handle;
  ticket_.wait_ = this;
  ticket_.loop_.schedule(*this, until_);
  if (cancel_ != nullptr) cancel_->watch(*this);
}

void WaitQueue::Wait::end() {
  ticket_.wait_ = nullptr;
  net::TimerWheel::remove(*this);
  if (cancel_ != nullptr) cancel_->unwatch(*this);
}

void WaitQueue::Wait::expired() {
  end();
  handle_.resume();
}

void WaitQueue::Wait::cancelled() {
  end();
  handle_.resume();
}

void WaitQueue::Wait::woken() {
  end();
  handle_.resume();
}

std::shared_ptr<WaitQueue::Ticket> WaitQueue::join(std::string key, net::Loop& loop,
                                                   std::size_t most) {
  const std::lock_guard lock(mutex_);
  if (closed() || size_.load(std::memory_order_relaxed) >= most) return nullptr;
  auto ticket = std::make_shared<Ticket>(loop);
  ticket->key_ = std::move(key);
  queues_[ticket->key_].push_back(ticket.get());
  size_.fetch_add(1, std::memory_order_release);
  return ticket;
}

void WaitQueue::leave(Ticket& ticket) {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(ticket.key_);
  if (found == queues_.end()) return;
  std::deque<Ticket*>& queue = found->second;
  const bool was_first = queue.front() == &ticket;
  std::erase(queue, &ticket);
  size_.fetch_sub(1, std::memory_order_release);
  if (queue.empty()) {
    queues_.erase(found);
  } else if (was_first) {
    queue.front()->wake();
  }
}

bool WaitQueue::is_first(const Ticket& ticket) const {
  const std::lock_guard lock(mutex_);
  const auto found = queues_.find(ticket.key_);
  return found != queues_.end() && found->second.front() == &ticket;
}

bool WaitQueue::has_waiters(std::string_view key) const {
  if (empty()) return false;
  const std::lock_guard lock(mutex_);
  return queues_.contains(key);
}

void WaitQueue::wake_all_first() {
  if (empty()) return;
  const std::lock_guard lock(mutex_);
  for (const auto& [key, queue] : queues_) queue.front()->wake();
}

void WaitQueue::close() {
  const std::lock_guard lock(mutex_);
  closed_.store(true, std::memory_order_release);
  for (const auto& [key, queue] : queues_) {
    for (Ticket* ticket : queue) ticket->wake();
  }
}

}  // namespace wasat::pool
