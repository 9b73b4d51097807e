#include "gateway/models_cache.h"

#include "gemini/model_names.h"
#include "json/reader.h"

namespace wasat::gateway {

// The upstream's own word goes before, unless it is older than it may be.
const ModelsCache::Entry* ModelsCache::find(const std::string& key, From from) const {
  const auto own = entries_.find(key);
  const Entry* found = own != entries_.end() ? &own->second : nullptr;
  if (from == From::kUpstream || (found != nullptr && found->until > clock_.now())) return found;
  const auto others = others_entries_.find(key);
  return others != others_entries_.end() ? &others->second : found;
}

std::shared_ptr<const Buffer> ModelsCache::fresh(const std::string& key, From from) const {
  const std::lock_guard lock(mutex_);
  const Entry* found = find(key, from);
  return found != nullptr && found->until > clock_.now() ? found->answer : nullptr;
}

std::shared_ptr<const Buffer> ModelsCache::stale(const std::string& key, From from) const {
  const std::lock_guard lock(mutex_);
  const Entry* found = find(key, from);
  return found != nullptr ? found->answer : nullptr;
}

void ModelsCache::put(const std::string& key, std::string_view answer, From from) {
  if (answer.size() > kMostBytes) return;
  auto copy = Buffer::copy_of(answer);
  json::Document document;
  const Result<json::Value> root = document.parse(copy->padded());
  const json::Value listed = root ? (*root)["models"] : json::Value();
  const std::lock_guard lock(mutex_);
  Entries& entries = from == From::kUpstream ? entries_ : others_entries_;
  if (entries.size() >= kMostEntries && !entries.contains(key)) entries.clear();
  entries[key] = {std::move(copy), clock_.now() + kept_};
  if (from != From::kUpstream || !listed.is_array()) return;
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
