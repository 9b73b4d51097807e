// Matcher: whether entries hold for a filter, asked of whole blocks first.
//
// Pure. Made for one search; the filter outlives it.

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "store/ledger.h"
#include "store/ledger/block.h"

namespace wasat::store {

class Matcher {
 public:
  explicit Matcher(const LedgerFilter& filter);

  // False: no block needs to be asked for its presence.
  bool asks_presence() const { return !needed_.empty() || !filter_.text.empty(); }
  // Of the next block; an empty presence is one that is not known.
  bool may_match(std::string_view presence);

  // What the filter's texts are in that block. False: no entry of it matches.
  bool enter(const BlockReader& block);
  // Of the block that was entered.
  bool matches(const BlockReader::Row& row) const;

 private:
  struct Wanted {
    std::size_t member;
    std::string_view text;
    std::uint32_t index;  // in the block that was entered
  };

  const LedgerFilter& filter_;
  std::vector<std::uint64_t> needed_;  // traits: all of them
  std::vector<Wanted> wanted_;
  std::uint32_t ok_ = 0;
  std::uint32_t client_left_ = 0;
  std::vector<bool> contains_;  // the filter's text, by number of text
  bool may_have_id_ = true;     // the block: one that is the filter's text
};

}  // namespace wasat::store
