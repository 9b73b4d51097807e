#include "relay/history.h"

namespace wasat::relay {

void History::add(Visit visit) {
  const std::lock_guard lock(mutex_);
  visits_.push_back(std::move(visit));
  if (visits_.size() > kMost) visits_.pop_front();
}

std::vector<Visit> History::visits(std::string_view id, std::size_t most) const {
  std::vector<Visit> found;
  const std::lock_guard lock(mutex_);
  for (auto each = visits_.rbegin(); each != visits_.rend() && found.size() < most; ++each) {
    if (id.empty() || each->node.id == id) found.push_back(*each);
  }
  return found;
}

}  // namespace wasat::relay
