#include "relay/node_seat.h"

#include <utility>

namespace wasat::relay {

// The loop lives while the seat names it: whoever posts to it holds the lock.
template <class What>
bool NodeSeat::tell(net::Loop* from, What what) {
  {
    const std::lock_guard lock(mutex_);
    if (loop_ == nullptr) return false;
    if (loop_ != from) {
      loop_->post(
          [self = shared_from_this(), what = std::move(what)]() mutable { what(self->end_); });
      return true;
    }
  }
  what(end_);
  return true;
}

void NodeSeat::leave() {
  const std::lock_guard lock(mutex_);
  loop_ = nullptr;
  end_ = nullptr;
}

bool NodeSeat::give(std::shared_ptr<Errand> errand, net::Loop& from) {
  return tell(&from, [errand = std::move(errand)](NodeEnd* end) mutable {
    if (end != nullptr) {
      end->take(std::move(errand));
    } else {
      errand->end(Errand::End::broken(node_lost()));
    }
  });
}

void NodeSeat::forget(std::shared_ptr<Errand> errand, net::Loop& from) {
  tell(&from, [errand = std::move(errand)](NodeEnd* end) {
    if (end != nullptr) end->forget(errand);
  });
}

void NodeSeat::look_again(net::Loop& from) {
  tell(&from, [](NodeEnd* end) {
    if (end != nullptr) end->look_again();
  });
}

void NodeSeat::drain() {
  tell(nullptr, [](NodeEnd* end) {
    if (end != nullptr) end->drain();
  });
}

void NodeSeat::close(std::uint16_t code, std::string reason) {
  tell(nullptr, [code, reason = std::move(reason)](NodeEnd* end) {
    if (end != nullptr) end->close(code, reason);
  });
}

bool NodeSeat::gone() const {
  const std::lock_guard lock(mutex_);
  return loop_ == nullptr;
}

net::Loop* NodeSeat::loop() const {
  const std::lock_guard lock(mutex_);
  return loop_;
}

NodeStatus NodeSeat::status() const {
  using Milliseconds = std::chrono::milliseconds;
  return {.id = identity_.id,
          .name = identity_.name,
          .protocol = identity_.protocol,
          .address = identity_.address,
          .token_id = identity_.token_id,
          .since = identity_.since,
          .last_heard = std::chrono::sys_time<Milliseconds>(Milliseconds(counts_.last_heard)),
          .running = counts_.running,
          .served = counts_.served,
          .failed = counts_.failed,
          .bytes_in = counts_.bytes_in,
          .bytes_out = counts_.bytes_out,
          .messages_in = counts_.messages_in,
          .messages_out = counts_.messages_out,
          .too_slow = counts_.too_slow,
          .misunderstood = counts_.misunderstood,
          .worker = identity_.worker,
          .draining = counts_.draining};
}

}  // namespace wasat::relay
