// Trust: whose calls may be served by others than the operator's own upstream accounts.
//
// A relay node sees what it is asked and can forge the answer, tool calls included. So it is
// the token that decides, or the operator for all of them; no failover, no second attempt
// and no list kept for others goes past that.

#pragma once

#include <cstdint>

namespace wasat::gateway {

enum class RelayTrust : std::uint8_t {
  kAuto,    // everybody's while the pool has nothing else, otherwise as kTokens
  kAll,     // everybody's
  kTokens,  // those of tokens that allow it
};

constexpr bool trusts_relay(RelayTrust trust, bool token_allows, bool pool_has_nothing_else) {
  return token_allows || trust == RelayTrust::kAll ||
         (trust == RelayTrust::kAuto && pool_has_nothing_else);
}

}  // namespace wasat::gateway
