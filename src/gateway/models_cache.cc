#include "gateway/models_cache.h"

namespace wasat::gateway {

std::shared_ptr<const Buffer> ModelsCache::fresh(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  return found != entries_.end() && found->second.until > clock_.now() ? found->second.answer
                                                                       : nullptr;
}

std::shared_ptr<const Buffer> ModelsCache::stale(const std::string& key) const {
  const std::lock_guard lock(mutex_);
  const auto found = entries_.find(key);
  return found != entries_.end() ? found->second.answer : nullptr;
}

void ModelsCache::put(const std::string& key, std::string_view answer) {
  if (answer.size() > kMostBytes) return;
  auto copy = Buffer::copy_of(answer);
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kMostEntries && !entries_.contains(key)) entries_.clear();
  entries_[key] = {std::move(copy), clock_.now() + kept_};
}

}  // namespace wasat::gateway
