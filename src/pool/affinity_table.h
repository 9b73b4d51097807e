// AffinityTable: which credential last served calls that begin alike.
//
// The upstream keeps what it has read of a prompt for a while, for the account that
// sent it; a conversation that stays with its credential is cheaper and quicker.
// Bounded: a fixed number of entries, four to a cache line; the one that was not
// used longest gives way. Read and written by any worker without a lock. Two that
// write at once may mix an entry up, which then names a wrong credential: no
// worse than none.

#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "pool/moment.h"

namespace wasat::pool {

class AffinityTable {
 public:
  static constexpr std::uint32_t kNobody = UINT32_MAX;

  AffinityTable() : rows_(std::make_unique<Row[]>(kRows)) {}

  // The number of the credential; kNobody: none is known, or it was too long ago.
  std::uint32_t find(std::uint64_t affinity, Ticks now) const {
    for (const Entry& entry : row_of(affinity)) {
      if (entry.affinity.load(std::memory_order_relaxed) != affinity) continue;
      const std::uint64_t value = entry.value.load(std::memory_order_relaxed);
      const auto age = seconds(now) - static_cast<std::uint32_t>(value);
      return age <= kKeptSeconds ? static_cast<std::uint32_t>(value >> 32) : kNobody;
    }
    return kNobody;
  }

  void put(std::uint64_t affinity, std::uint32_t number, Ticks now) {
    Entry* oldest = nullptr;
    std::uint32_t oldest_age = 0;
    for (Entry& entry : row_of(affinity)) {
      const std::uint64_t value = entry.value.load(std::memory_order_relaxed);
      const std::uint32_t age = seconds(now) - static_cast<std::uint32_t>(value);
      if (entry.affinity.load(std::memory_order_relaxed) == affinity) {
        // Mostly nothing has changed, and the line stays shared.
        if (static_cast<std::uint32_t>(value >> 32) == number && age < 8) return;
        oldest = &entry;
        break;
      }
      if (oldest == nullptr || age > oldest_age) {
        oldest = &entry;
        oldest_age = age;
      }
    }
    oldest->value.store(std::uint64_t{number} << 32 | seconds(now), std::memory_order_relaxed);
    oldest->affinity.store(affinity, std::memory_order_relaxed);
  }

 private:
  static constexpr std::size_t kRows = 16384;  // 1 MiB
  static constexpr std::uint32_t kKeptSeconds = 3600;
  struct Entry {
    std::atomic<std::uint64_t> affinity{0};
    std::atomic<std::uint64_t> value{std::uint64_t{kNobody} << 32};  // number, seconds
  };
  struct alignas(64) Row {
    std::array<Entry, 4> entries;
  };

  static std::uint32_t seconds(Ticks now) {
    return static_cast<std::uint32_t>(now / 1'000'000'000);
  }
  std::array<Entry, 4>& row_of(std::uint64_t affinity) const {
    return rows_[(affinity * 0x9e3779b97f4a7c15u >> 40) % kRows].entries;
  }

  std::unique_ptr<Row[]> rows_;
};

}  // namespace wasat::pool
