// Names: to which token the names of nodes belong, also while those are away.
//
// Under a node's name is kept what the pool has learnt of it and what clients have made with
// it: a node of another token must not come into that. Of the last 10,000 that came or left.
// Belongs to the hub, under its lock.

#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace wasat::relay {

class Names {
 public:
  static constexpr std::size_t kMost = 10'000;

  // Empty: nobody's. The view lives until the next change.
  std::string_view owner(std::string_view id) const {
    const auto found = owners_.find(std::string(id));
    return found != owners_.end() ? std::string_view(found->second.token_id) : std::string_view();
  }
  // The node has come, or left. One that came without a token leaves its name to anybody.
  // True: it belonged to another token, or none.
  bool keep(const std::string& id, std::string_view token_id) {
    if (token_id.empty()) return false;
    Owner& owner = owners_[id];
    const bool is_news = owner.token_id != token_id;
    owner = {.token_id = std::string(token_id), .since = ++kept_};
    order_.emplace_back(kept_, id);
    while (order_.size() > kMost) {
      const auto& [since, oldest] = order_.front();
      const auto found = owners_.find(oldest);
      // It may have been kept again since.
      if (found != owners_.end() && found->second.since == since) owners_.erase(found);
      order_.pop_front();
    }
    return is_news;
  }

 private:
  struct Owner {
    std::string token_id;
    std::uint64_t since = 0;
  };
  std::unordered_map<std::string, Owner> owners_;
  std::deque<std::pair<std::uint64_t, std::string>> order_;  // oldest first
  std::uint64_t kept_ = 0;                                   // so far
};

}  // namespace wasat::relay
