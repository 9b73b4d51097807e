#include "gateway/models_cache.h"

#include "gemini/model_names.h"
#include "json/reader.h"

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
  json::Document document;
  const Result<json::Value> root = document.parse(copy->padded());
  const json::Value listed = root ? (*root)["models"] : json::Value();
  const std::lock_guard lock(mutex_);
  if (entries_.size() >= kMostEntries && !entries_.contains(key)) entries_.clear();
  entries_[key] = {std::move(copy), clock_.now() + kept_};
  if (!listed.is_array()) return;
  for (const json::Value model : listed) {
    if (names_.size() >= kMostNames) return;
    names_.insert(gemini::clean_model_name(model["name"].string_or("")));
  }
  // One page of several says nothing about what is not on it.
  complete_ = complete_ || (!(*root)["nextPageToken"] && !key.contains("pageToken"));
}

std::optional<bool> ModelsCache::knows(std::string_view model) const {
  const std::lock_guard lock(mutex_);
  if (names_.contains(model)) return true;
  return complete_ ? std::optional(false) : std::nullopt;
}

}  // namespace wasat::gateway
