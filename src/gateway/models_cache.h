// The upstream's lists of models, kept for a while: they change rarely, and many
// clients ask for them at every start. Shared by all workers.

#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/body.h"
#include "base/clock.h"

namespace wasat::gateway {

class ModelsCache {
 public:
  static constexpr std::size_t kMostEntries = 256;
  static constexpr std::size_t kMostNames = 10'000;
  static constexpr std::size_t kMostBytes = 4u << 20;  // of one answer

  ModelsCache(const Clock& clock, std::chrono::seconds kept) : clock_(clock), kept_(kept) {}

  // Who has told: a list of a relay node's is for those who trust it.
  enum class From : std::uint8_t { kUpstream, kAnybody };

  // An answer that is young enough, or null.
  std::shared_ptr<const Buffer> fresh(const std::string& key, From from) const;
  // Any answer, for when the upstream fails; or null.
  std::shared_ptr<const Buffer> stale(const std::string& key, From from) const;
  void put(const std::string& key, std::string_view answer, From from);

  // Whether the upstream has a model of this name, as far as a list of its own has told.
  std::optional<bool> knows(std::string_view model) const;

 private:
  struct Entry {
    std::shared_ptr<const Buffer> answer;
    Clock::Steady until;
  };
  using Entries = std::unordered_map<std::string, Entry>;
  const Entry* find(const std::string& key, From from) const;
  const Clock& clock_;
  const std::chrono::seconds kept_;
  mutable std::mutex mutex_;
  Entries entries_;                           // of the upstream
  Entries others_entries_;                    // of relay nodes
  std::set<std::string, std::less<>> names_;  // that were ever listed
  bool complete_ = false;                     // names_ holds all
};

}  // namespace wasat::gateway
