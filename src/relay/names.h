// Names: to which token the names of nodes belong that are away.
//
// Under a node's name is kept what the pool has learnt of it and what clients have made with
// it: a node of another token must not come into that. Kept in memory, of the last 10,000
// that left. Belongs to the hub, under its lock.

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
  // The node has left. One that came without a token leaves its name to anybody.
  void keep(const std::string& id, std::string_view token_id) {
    if (token_id.empty()) return;
    owners_.insert_or_assign(id, Owner{std::string(token_id), ++left_});
    order_.emplace_back(left_, id);
    while (order_.size() > kMost) {
      const auto& [since, oldest] = order_.front();
      const auto found = owners_.find(oldest);
      // It may have come back, and left again, since.
      if (found != owners_.end() && found->second.since == since) owners_.erase(found);
      order_.pop_front();
    }
  }
  // A node has it now.
  void take(const std::string& id) { owners_.erase(id); }

 private:
  struct Owner {
    std::string token_id;
    std::uint64_t since;
  };
  std::unordered_map<std::string, Owner> owners_;
  std::deque<std::pair<std::uint64_t, std::string>> order_;  // oldest first
  std::uint64_t left_ = 0;                                   // nodes so far
};

}  // namespace wasat::relay
