// Memory: what answers leave for later requests of the same token.
//
// Thought signatures by the id of their tool call, for clients that drop them;
// conversations by the id of their response. One for the process, used by all
// workers: sharded, bounded in bytes and age, the least recently used goes
// first. Every memo is also noted in the store, which is read once, at start.

#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "gemini/call.h"
#include "store/store.h"

namespace wasat::gateway {

class Memory {
 public:
  struct Limits {
    std::size_t bytes = 64u << 20;        // 0: nothing is remembered
    std::size_t entry_bytes = 4u << 20;   // larger memos are not kept
    std::size_t stored_bytes = 1u << 20;  // larger ones are lost with a restart
    std::chrono::seconds age{7 * 24 * 3600};
  };

  // `store` may be null: nothing survives. Both outlive this object.
  Memory(const Clock& clock, Limits limits, store::Store* store);
  Memory(const Memory&) = delete;
  Memory& operator=(const Memory&) = delete;

  // What there is is held to them, too; what the store had beyond the former ones is not
  // read again. Any thread.
  void set_limits(const Limits& limits);

  // What the store kept. Blocks: at start.
  Result<> load();

  std::optional<std::string> find(std::string_view token_id, gemini::Memo::Kind kind,
                                  std::string_view key);
  void put(std::string_view token_id, std::vector<gemini::Memo> memos);

  std::size_t bytes() const;
  std::size_t size() const;

 private:
  static constexpr std::size_t kShards = 16;

  struct Entry {
    std::string name;  // token, kind and key
    std::string value;
    Clock::Wall created;
  };
  using Entries = std::list<Entry>;  // the last used first
  struct Shard {
    mutable std::mutex mutex;
    Entries entries;
    std::unordered_map<std::string_view, Entries::iterator> by_name;
    std::size_t bytes = 0;
  };

  void insert(Entry entry, bool newest);
  std::size_t most_of_shard() const { return bytes_.load(std::memory_order_relaxed) / kShards; }
  Clock::Wall oldest() const { return clock_.wall() - age_.load(std::memory_order_relaxed); }
  void drop(Shard& shard, Entries::iterator entry) const;
  void purge_store_if_due(std::size_t bytes);
  void purge_store();

  const Clock& clock_;
  const std::size_t entry_bytes_;
  const std::size_t stored_bytes_;
  std::atomic<std::size_t> bytes_;
  std::atomic<std::chrono::seconds> age_;
  store::Store* const store_;
  std::array<Shard, kShards> shards_;
  std::atomic<std::size_t> noted_{0};  // bytes since the store was last purged
};

}  // namespace wasat::gateway
