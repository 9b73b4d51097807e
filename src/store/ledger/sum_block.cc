#include "store/ledger/sum_block.h"

#include <array>

#include "store/ledger/sums.h"
#include "store/ledger/varint.h"

namespace wasat::store {
namespace {

constexpr char kVersion = 1;

}  // namespace

std::string make_sum_block(const SumsByName& sums) {
  std::string block(1, kVersion);
  std::int64_t before = 0;
  for (const auto& [name, sum] : sums) {
    std::array<char, kMostNumberBytes * (1 + kSumNumbers.size())> bytes;
    char* at = put(bytes.data(), static_cast<std::uint64_t>(name - before));
    for (const auto number : kSumNumbers) at = put(at, static_cast<std::uint64_t>(sum.*number));
    block.append(bytes.data(), at);
    before = name;
  }
  return block;
}

std::optional<SumBlockReader> SumBlockReader::open(std::string_view data) {
  if (data.empty() || data.front() != kVersion) return std::nullopt;
  return SumBlockReader(data.substr(1));
}

bool SumBlockReader::next(std::int64_t& name, UsageSum& sum) {
  std::uint64_t value = 0;
  if (!take(rest_, value)) return false;
  name_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(name_) + value);
  name = name_;
  for (const auto number : kSumNumbers) {
    if (!take(rest_, value)) return false;
    sum.*number = static_cast<std::int64_t>(value);
  }
  return true;
}

}  // namespace wasat::store
