#include "store/ledger/presence.h"

#include <algorithm>
#include <cstring>

namespace wasat::store {
namespace {

constexpr std::size_t kBitsEach = 12;
constexpr int kProbes = 6;

std::uint64_t mixed(std::uint64_t value) {
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93;
  value ^= value >> 32;
  value *= 0xd6e8feb86659fd93;
  return value ^ (value >> 32);
}

// Calls `use` with each bit of `hash` among `bits`, until it says false.
template <class Use>
bool each_bit(std::uint64_t hash, std::size_t bits, Use use) {
  auto probe = static_cast<std::uint32_t>(hash);
  const auto step = static_cast<std::uint32_t>(hash >> 32) | 1u;
  for (int i = 0; i < kProbes; ++i, probe += step) {
    if (!use(static_cast<std::size_t>((std::uint64_t{probe} * bits) >> 32))) return false;
  }
  return true;
}

}  // namespace

std::uint64_t trait_hash(Trait trait, std::string_view value) {
  std::uint64_t hash = mixed(static_cast<std::uint64_t>(trait) << 56 | value.size());
  while (!value.empty()) {
    std::uint64_t word = 0;
    const std::size_t size = std::min(value.size(), sizeof(word));
    std::memcpy(&word, value.data(), size);
    hash = mixed(hash ^ word);
    value.remove_prefix(size);
  }
  return hash;
}

std::string make_presence(std::span<const std::uint64_t> hashes) {
  std::string presence(std::max<std::size_t>(8, (kBitsEach * hashes.size() + 7) / 8), '\0');
  for (const std::uint64_t hash : hashes) {
    each_bit(hash, presence.size() * 8, [&presence](std::size_t bit) {
      presence[bit / 8] =
          static_cast<char>(static_cast<unsigned char>(presence[bit / 8]) | (1u << (bit % 8)));
      return true;
    });
  }
  return presence;
}

bool may_be_present(std::string_view presence, std::uint64_t hash) {
  if (presence.empty()) return true;
  return each_bit(hash, presence.size() * 8, [presence](std::size_t bit) {
    return (static_cast<unsigned char>(presence[bit / 8]) >> (bit % 8) & 1) != 0;
  });
}

}  // namespace wasat::store
