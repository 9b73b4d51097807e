#include "admin/event_hub.h"

#include <utility>

namespace wasat::admin {

void EventHub::publish(std::string_view kind, std::string data) {
  if (listeners_.load(std::memory_order_relaxed) == 0 || data.size() > kMostBytes) return;
  const std::lock_guard lock(mutex_);
  events_.push_back({.number = ++last_, .kind = std::string(kind), .data = std::move(data)});
  if (events_.size() > kMostEvents) events_.pop_front();
}

EventHub::Listener::Listener(EventHub& hub) : hub_(hub) {
  refused_ = hub_.listeners_.fetch_add(1) >= kMostListeners;
  const std::lock_guard lock(hub_.mutex_);
  seen_ = hub_.last_;
}

EventHub::Listener::~Listener() { --hub_.listeners_; }

bool EventHub::Listener::take(std::vector<Event>& events) {
  events.clear();
  const std::lock_guard lock(hub_.mutex_);
  // A number from before a restart is one that never was: it begins with what is new.
  if (seen_ > hub_.last_) seen_ = hub_.last_;
  const std::uint64_t behind = hub_.last_ - seen_;
  const bool complete = behind <= hub_.events_.size();
  const std::size_t count = complete ? behind : hub_.events_.size();
  events.assign(hub_.events_.end() - static_cast<std::ptrdiff_t>(count), hub_.events_.end());
  seen_ = hub_.last_;
  return complete;
}

}  // namespace wasat::admin
