#include "simulator/holdings.h"

#include <algorithm>

#include "simulator/text.h"

namespace wasat::simulator {

std::string Holdings::random_name(std::string_view prefix) {
  constexpr std::string_view kCharacters = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string name(prefix);
  std::uint64_t bits = hash(std::to_string(++counter_), seed_);
  for (int i = 0; i < 12; ++i) {
    name += kCharacters[bits % kCharacters.size()];
    bits /= kCharacters.size();
  }
  return name;
}

std::string Holdings::new_name(std::string_view prefix) {
  const std::lock_guard lock(mutex_);
  return random_name(prefix);
}

bool Holdings::put(Holding holding) {
  const std::lock_guard lock(mutex_);
  const auto known = holdings_.find(holding.name);
  if (known != holdings_.end() && known->second.key != holding.key) return false;
  if (holdings_.size() >= kMost) {
    holdings_.erase(std::ranges::min_element(
        holdings_, {}, [](const auto& entry) { return entry.second.number; }));
  }
  holding.number = ++counter_;
  holdings_[holding.name] = std::move(holding);
  return true;
}

std::optional<Holding> Holdings::find(std::string_view key, std::string_view name, bool poll) {
  const std::lock_guard lock(mutex_);
  const auto found = holdings_.find(name);
  if (found == holdings_.end() || found->second.key != key) return std::nullopt;
  if (poll) ++found->second.polls;
  return found->second;
}

bool Holdings::exists(std::string_view name) const {
  const std::lock_guard lock(mutex_);
  return holdings_.contains(name);
}

bool Holdings::remove(std::string_view key, std::string_view name) {
  const std::lock_guard lock(mutex_);
  const auto found = holdings_.find(name);
  if (found == holdings_.end() || found->second.key != key) return false;
  const std::string parent(name);
  holdings_.erase(found);
  std::erase_if(holdings_, [&parent](const auto& entry) { return entry.second.parent == parent; });
  return true;
}

std::vector<Holding> Holdings::list(std::string_view key, std::string_view prefix,
                                    std::string_view parent) const {
  std::vector<Holding> found;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& [name, holding] : holdings_) {
      if (holding.key == key && holding.parent == parent && name.starts_with(prefix)) {
        found.push_back(holding);
      }
    }
  }
  std::ranges::sort(found, std::greater<>(), &Holding::number);
  return found;
}

std::string Holdings::begin_upload(Upload upload) {
  const std::lock_guard lock(mutex_);
  while (uploads_.size() >= kMost) uploads_.erase(uploads_.begin());
  std::string id = random_name("sim-");
  uploads_[id] = std::move(upload);
  return id;
}

std::optional<Upload> Holdings::find_upload(std::string_view id) const {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(id);
  return found == uploads_.end() ? std::nullopt : std::optional(found->second);
}

void Holdings::update_upload(std::string_view id, const Upload& upload) {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(id);
  if (found != uploads_.end()) found->second = upload;
}

void Holdings::end_upload(std::string_view id) {
  const std::lock_guard lock(mutex_);
  const auto found = uploads_.find(id);
  if (found != uploads_.end()) uploads_.erase(found);
}

}  // namespace wasat::simulator
