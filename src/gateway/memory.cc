#include "gateway/memory.h"

#include <iterator>
#include <utility>

namespace wasat::gateway {
namespace {

// An entry's share of list, map and strings, about.
constexpr std::size_t kOverhead = 200;

std::string name_of(std::string_view token_id, gemini::Memo::Kind kind, std::string_view key) {
  std::string name;
  name.reserve(token_id.size() + key.size() + 2);
  name.append(token_id).append(kind == gemini::Memo::Kind::kResponse ? "\nr" : "\ns").append(key);
  return name;
}

std::size_t weight(std::string_view name, std::string_view value) {
  return kOverhead + name.size() + value.size();
}

}  // namespace

Memory::Memory(const Clock& clock, Limits limits, store::Store* store)
    : clock_(clock),
      entry_bytes_(limits.entry_bytes),
      stored_bytes_(limits.stored_bytes),
      bytes_(limits.bytes),
      age_(limits.age),
      store_(store) {}

void Memory::set_limits(const Limits& limits) {
  const std::size_t before = bytes_.exchange(limits.bytes, std::memory_order_relaxed);
  const std::chrono::seconds age = age_.exchange(limits.age, std::memory_order_relaxed);
  if (before == limits.bytes && age == limits.age) return;
  for (Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    while (shard.bytes > most_of_shard()) drop(shard, std::prev(shard.entries.end()));
  }
  if (store_ != nullptr) purge_store();
}

Result<> Memory::load() {
  const std::size_t most = bytes_.load(std::memory_order_relaxed);
  if (store_ == nullptr || most == 0) return {};
  Result<std::vector<store::Memo>> memos = store_->load_memos(most);
  if (!memos) return fail(std::move(memos.error()));
  const Clock::Wall oldest_kept = oldest();
  for (store::Memo& memo : *memos) {  // newest first
    if (memo.created < oldest_kept) continue;
    const auto kind = memo.kind == store::Memo::Kind::kResponse ? gemini::Memo::Kind::kResponse
                                                                : gemini::Memo::Kind::kSignature;
    insert({.name = name_of(memo.token_id, kind, memo.key),
            .value = std::move(memo.value),
            .created = memo.created},
           false);
  }
  purge_store();
  return {};
}

std::optional<std::string> Memory::find(std::string_view token_id, gemini::Memo::Kind kind,
                                        std::string_view key) {
  const std::string name = name_of(token_id, kind, key);
  Shard& shard = shards_[std::hash<std::string_view>()(name) % kShards];
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.by_name.find(name);
  if (found == shard.by_name.end()) return std::nullopt;
  if (found->second->created < oldest()) {
    drop(shard, found->second);
    return std::nullopt;
  }
  shard.entries.splice(shard.entries.begin(), shard.entries, found->second);
  return found->second->value;
}

void Memory::put(std::string_view token_id, std::vector<gemini::Memo> memos) {
  if (bytes_.load(std::memory_order_relaxed) == 0) return;
  const Clock::Wall now = clock_.wall();
  for (gemini::Memo& memo : memos) {
    if (memo.value.size() > entry_bytes_ || memo.key.empty()) continue;
    if (store_ != nullptr && memo.value.size() <= stored_bytes_) {
      const std::size_t bytes = memo.value.size();
      store_->note(store::PutMemo{{.token_id = std::string(token_id),
                                   .kind = memo.kind == gemini::Memo::Kind::kResponse
                                               ? store::Memo::Kind::kResponse
                                               : store::Memo::Kind::kSignature,
                                   .key = memo.key,
                                   .value = memo.value,
                                   .created = store::to_time(now)}});
      purge_store_if_due(bytes);
    }
    insert({.name = name_of(token_id, memo.kind, memo.key),
            .value = std::move(memo.value),
            .created = now},
           true);
  }
}

void Memory::insert(Entry entry, bool newest) {
  const std::size_t most = most_of_shard();
  const std::size_t bytes = weight(entry.name, entry.value);
  Shard& shard = shards_[std::hash<std::string_view>()(entry.name) % kShards];
  const std::lock_guard lock(shard.mutex);
  if (const auto known = shard.by_name.find(entry.name); known != shard.by_name.end()) {
    if (!newest) return;
    drop(shard, known->second);
  }
  if (!newest && shard.bytes + bytes > most) return;
  const auto place =
      shard.entries.insert(newest ? shard.entries.begin() : shard.entries.end(), std::move(entry));
  shard.by_name.emplace(place->name, place);
  shard.bytes += bytes;
  // One entry may fill its shard, and more: the others go, it stays.
  while (shard.bytes > most && shard.entries.size() > 1) {
    drop(shard, std::prev(shard.entries.end()));
  }
}

void Memory::drop(Shard& shard, Entries::iterator entry) const {
  shard.bytes -= weight(entry->name, entry->value);
  shard.by_name.erase(entry->name);
  shard.entries.erase(entry);
}

// The store holds about what memory may hold, so that it does not grow for good.
void Memory::purge_store_if_due(std::size_t bytes) {
  const std::size_t before = noted_.fetch_add(bytes, std::memory_order_relaxed);
  const std::size_t due = bytes_.load(std::memory_order_relaxed) / 8;
  if (before < due && before + bytes >= due) purge_store();
}

void Memory::purge_store() {
  noted_.store(0, std::memory_order_relaxed);
  store_->note(store::RemoveMemos{.before = store::to_time(oldest()),
                                  .keep_bytes = bytes_.load(std::memory_order_relaxed)});
}

std::size_t Memory::bytes() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.bytes;
  }
  return sum;
}

std::size_t Memory::size() const {
  std::size_t sum = 0;
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    sum += shard.entries.size();
  }
  return sum;
}

}  // namespace wasat::gateway
