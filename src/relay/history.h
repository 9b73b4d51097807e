// History: which nodes were here, for how long, and what they did.
//
// In memory, of the last visits. Shared; any thread. What nodes have served over time is in
// the ledger, by the ids of their credentials.

#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "relay/node_status.h"

namespace wasat::relay {

// From joining to leaving.
struct Visit {
  NodeStatus node;  // as it was at the end
  std::chrono::sys_time<std::chrono::milliseconds> until;
  std::string why;  // it left; may be empty
};

class History {
 public:
  static constexpr std::size_t kMost = 2000;

  void add(Visit visit);
  // Newest first. `id`: of one node; empty: of all.
  std::vector<Visit> visits(std::string_view id, std::size_t most) const;

 private:
  mutable std::mutex mutex_;
  std::deque<Visit> visits_;  // oldest first
};

}  // namespace wasat::relay
