// Resources: who made what in the upstream accounts, and which credential owns it.
//
// Loaded from the store at start and kept in step with it by those who note
// something. Shared by all workers: a few shards with a short lock each, a
// token's resources in one shard. Bounded in number, per token and overall; handles of Live
// sessions, which come by themselves, have bounds of their own and take no room from others.

#pragma once

#include <array>
#include <cstddef>
#include <map>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "store/records.h"

namespace wasat::gateway {

class Resources {
 public:
  struct Limits {
    std::size_t all = 320'000;
    std::size_t per_token = 10'000;
    std::size_t live_per_token = 2'000;  // handles; there are as many more of all as `all` says
  };

  explicit Resources(const Clock& clock) : Resources(clock, Limits()) {}
  Resources(const Clock& clock, Limits limits) : clock_(clock), limits_(limits) {}
  Resources(const Resources&) = delete;
  Resources& operator=(const Resources&) = delete;

  void load(std::span<const store::Resource> resources);

  // What this token made under this name, unless it has expired.
  std::optional<store::Resource> find(std::string_view token_id, std::string_view name) const;
  // Who owns an ephemeral token ("auth_tokens/..."): it is presented by clients
  // that have no other. Nothing for any other name.
  std::optional<store::Resource> owner_of(std::string_view name) const;
  // The credential that owns the last thing of those that one request may name
  // together (files, caches, stores); empty: none yet. The next should go there too.
  std::string home(std::string_view token_id) const;
  // Whether this token may make another.
  bool has_room(std::string_view token_id) const;
  struct Put {
    bool done = false;     // false: there is no room
    std::string left_out;  // the token's oldest Live session, which went for it; empty: none
    explicit operator bool() const { return done; }
  };
  // Adds it or replaces the one of the same token and name.
  Put put(store::Resource resource);
  void remove(std::string_view token_id, std::string_view name);

  // A page of what a token made, the newest first.
  struct Page {
    std::vector<store::Resource> resources;
    std::string next;  // for `after` of the next page; empty: there is none
  };
  Page page(std::string_view token_id, std::string_view prefix, std::string_view after,
            std::size_t most) const;

  std::size_t size() const;

 private:
  struct Entry {
    store::Resource resource;
    std::uint64_t number;  // counts up, for the order of pages
  };
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const {
      return std::hash<std::string_view>()(text);
    }
  };
  template <class T>
  using ByName = std::unordered_map<std::string, T, Hash, std::equal_to<>>;
  struct Held {
    ByName<Entry> entries;
    std::map<std::uint64_t, std::string> live;  // names of Live sessions by number
    std::string home;
  };
  struct Shard {
    mutable std::mutex mutex;
    ByName<Held> tokens;
    std::size_t size = 0;  // without Live sessions
    std::size_t live = 0;
    std::uint64_t numbered = 0;
  };

  static constexpr std::size_t kShards = 16;
  static std::string_view holder(std::string_view token_id, std::string_view name);
  Shard& shard(std::string_view holder) { return shards_[Hash()(holder) % kShards]; }
  const Shard& shard(std::string_view holder) const { return shards_[Hash()(holder) % kShards]; }
  bool has_room(const Shard& shard, std::string_view holder) const;
  bool has_room_for_live(const Shard& shard, std::string_view holder) const;
  ByName<Entry>::iterator erase(Shard& shard, Held& held, ByName<Entry>::iterator entry);
  void drop_expired(Shard& shard, store::Time now);

  const Clock& clock_;
  const Limits limits_;
  std::array<Shard, kShards> shards_;
};

}  // namespace wasat::gateway
