// SumBlock: all sums of one step that is over as bytes, about 35 for each.
//
// A row of SQL takes three times the room and thirty times as long to read; of a month by day,
// ten thousand credentials have three hundred thousand. Pure; the form is part of the ledger's
// file and begins with its version.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "store/ledger.h"

namespace wasat::store {

// By the number of their name; without time and key.
using SumsByName = std::map<std::int64_t, UsageSum>;

std::string make_sum_block(const SumsByName& sums);

class SumBlockReader {
 public:
  // Nothing when `data` is damaged. It outlives the reader.
  static std::optional<SumBlockReader> open(std::string_view data);

  // The numbers of `sum` alone. False: it was the last, or what follows is damaged.
  bool next(std::int64_t& name, UsageSum& sum);

 private:
  explicit SumBlockReader(std::string_view rest) : rest_(rest) {}
  std::string_view rest_;
  std::int64_t name_ = 0;
};

}  // namespace wasat::store
