#include "gateway/resources.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace wasat::gateway {
namespace {

constexpr std::string_view kEphemeral = "auth_tokens/";

bool is_live(std::string_view name) { return name.starts_with("live_sessions/"); }

// What one request may name together with others.
bool shares_requests(std::string_view name) {
  return name.starts_with("files/") || name.starts_with("cachedContents/") ||
         name.starts_with("fileSearchStores/");
}

}  // namespace

// Ephemeral tokens are looked up by those who know nothing but the name.
std::string_view Resources::holder(std::string_view token_id, std::string_view name) {
  return name.starts_with(kEphemeral) ? std::string_view() : token_id;
}

void Resources::load(std::span<const store::Resource> resources) {
  for (const store::Resource& resource : resources) put(resource);
}

std::optional<store::Resource> Resources::find(std::string_view token_id,
                                               std::string_view name) const {
  const std::string_view held_by = holder(token_id, name);
  const Shard& its = shard(held_by);
  const std::lock_guard lock(its.mutex);
  const auto held = its.tokens.find(held_by);
  if (held == its.tokens.end()) return std::nullopt;
  const auto found = held->second.entries.find(name);
  if (found == held->second.entries.end()) return std::nullopt;
  const store::Resource& resource = found->second.resource;
  if (resource.token_id != token_id || resource.expires <= store::to_time(clock_.wall())) {
    return std::nullopt;
  }
  return resource;
}

std::optional<store::Resource> Resources::owner_of(std::string_view name) const {
  if (!name.starts_with(kEphemeral)) return std::nullopt;
  const Shard& its = shard({});
  const std::lock_guard lock(its.mutex);
  const auto held = its.tokens.find(std::string_view());
  if (held == its.tokens.end()) return std::nullopt;
  const auto found = held->second.entries.find(name);
  if (found == held->second.entries.end() ||
      found->second.resource.expires <= store::to_time(clock_.wall())) {
    return std::nullopt;
  }
  return found->second.resource;
}

std::string Resources::home(std::string_view token_id) const {
  const Shard& its = shard(token_id);
  const std::lock_guard lock(its.mutex);
  const auto held = its.tokens.find(token_id);
  return held == its.tokens.end() ? std::string() : held->second.home;
}

bool Resources::has_room(const Shard& shard, std::string_view held_by) const {
  if (shard.size >= limits_.all / kShards) return false;
  const auto held = shard.tokens.find(held_by);
  return held == shard.tokens.end() ||
         held->second.entries.size() - held->second.live.size() < limits_.per_token;
}

bool Resources::has_room_for_live(const Shard& shard, std::string_view held_by) const {
  if (shard.live >= limits_.all / kShards) return false;
  const auto held = shard.tokens.find(held_by);
  return held == shard.tokens.end() || held->second.live.size() < limits_.live_per_token;
}

bool Resources::has_room(std::string_view token_id) const {
  const Shard& its = shard(token_id);
  const std::lock_guard lock(its.mutex);
  if (has_room(its, token_id)) return true;
  const store::Time now = store::to_time(clock_.wall());
  return std::ranges::any_of(its.tokens, [&](const auto& held) {
    return std::ranges::any_of(held.second.entries, [&](const auto& entry) {
      return entry.second.resource.expires <= now && !is_live(entry.first);
    });
  });
}

Resources::Put Resources::put(store::Resource resource) {
  const std::string held_by(holder(resource.token_id, resource.name));
  Shard& its = shard(held_by);
  const std::lock_guard lock(its.mutex);
  const auto before = its.tokens.find(held_by);
  const bool known = before != its.tokens.end() && before->second.entries.contains(resource.name);
  const bool live = is_live(resource.name);
  const auto fits = [&] {
    return known || (live ? has_room_for_live(its, held_by) : has_room(its, held_by));
  };
  Put result;
  if (live && !fits() && before != its.tokens.end() && !before->second.live.empty()) {
    result.left_out = before->second.live.begin()->second;
    erase(its, before->second, before->second.entries.find(result.left_out));
  }
  if (!fits()) drop_expired(its, store::to_time(clock_.wall()));
  if (!fits()) return result;
  if (!known) ++(live ? its.live : its.size);
  Held& held = its.tokens[held_by];
  if (shares_requests(resource.name)) held.home = resource.credential_id;
  Entry& entry = held.entries[resource.name];
  entry.resource = std::move(resource);
  if (!known) entry.number = ++its.numbered;
  if (live) held.live[entry.number] = entry.resource.name;
  result.done = true;
  return result;
}

void Resources::remove(std::string_view token_id, std::string_view name) {
  const std::string_view held_by = holder(token_id, name);
  Shard& its = shard(held_by);
  const std::lock_guard lock(its.mutex);
  const auto held = its.tokens.find(held_by);
  if (held == its.tokens.end()) return;
  const auto found = held->second.entries.find(name);
  if (found == held->second.entries.end() || found->second.resource.token_id != token_id) return;
  erase(its, held->second, found);
  if (held->second.entries.empty()) its.tokens.erase(held);
}

Resources::ByName<Resources::Entry>::iterator Resources::erase(Shard& shard, Held& held,
                                                               ByName<Entry>::iterator entry) {
  const bool live = held.live.erase(entry->second.number) != 0;
  --(live ? shard.live : shard.size);
  return held.entries.erase(entry);
}

void Resources::drop_expired(Shard& shard, store::Time now) {
  for (auto held = shard.tokens.begin(); held != shard.tokens.end();) {
    ByName<Entry>& entries = held->second.entries;
    for (auto entry = entries.begin(); entry != entries.end();) {
      entry = entry->second.resource.expires <= now ? erase(shard, held->second, entry)
                                                    : std::next(entry);
    }
    held = held->second.entries.empty() ? shard.tokens.erase(held) : std::next(held);
  }
}

Resources::Page Resources::page(std::string_view token_id, std::string_view prefix,
                                std::string_view after, std::size_t most) const {
  std::uint64_t before = std::numeric_limits<std::uint64_t>::max();
  if (!after.empty() &&
      std::from_chars(after.data(), after.data() + after.size(), before).ec != std::errc()) {
    return {};
  }
  const store::Time now = store::to_time(clock_.wall());
  std::vector<const Entry*> found;
  const Shard& its = shard(token_id);
  const std::lock_guard lock(its.mutex);
  const auto held = its.tokens.find(token_id);
  if (held == its.tokens.end()) return {};
  for (const auto& [name, entry] : held->second.entries) {
    if (entry.number < before && name.starts_with(prefix) && entry.resource.expires > now) {
      found.push_back(&entry);
    }
  }
  const std::size_t count = std::min(most, found.size());
  std::ranges::partial_sort(found, found.begin() + static_cast<std::ptrdiff_t>(count),
                            std::greater<>(), [](const Entry* entry) { return entry->number; });
  Page page;
  for (const Entry* entry : std::span(found).first(count)) {
    page.resources.push_back(entry->resource);
  }
  if (count > 0 && found.size() > count) page.next = std::to_string(found[count - 1]->number);
  return page;
}

std::size_t Resources::size() const {
  std::size_t sum = 0;
  for (const Shard& its : shards_) {
    const std::lock_guard lock(its.mutex);
    sum += its.size + its.live;
  }
  return sum;
}

}  // namespace wasat::gateway
