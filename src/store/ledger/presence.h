// Presence: what values the entries of a block have, in 12 bits for each different one.
//
// A Bloom filter: of a value that is not there it says so in 99.6 of 100 cases, and of one
// that is there always. With it a search reads the blocks that matter alone. Pure; the form
// and the hash are part of the ledger's file: never change them.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wasat::store {

// What is noted of an entry.
enum class Trait : std::uint8_t {
  kId = 1,
  kToken = 2,
  kCredential = 3,
  kProvider = 4,
  kDialect = 5,
  kModel = 6,
  kOutcome = 7,
  kStatus = 8,
  kFailed = 9,    // without a value
  kHasError = 10  // without a value
};

std::uint64_t trait_hash(Trait trait, std::string_view value = {});

std::string make_presence(std::span<const std::uint64_t> hashes);
bool may_be_present(std::string_view presence, std::uint64_t hash);

}  // namespace wasat::store
