// What a token opens: one door each, and no other.

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace wasat::account {

enum class TokenKind : std::uint8_t {
  kClient,   // the API
  kRelay,    // the door of relay nodes
  kUnknown,  // of a newer Wasat: opens nothing
};

struct TokenKindRow {
  TokenKind kind;
  std::string_view name;    // in the store and in the admin API
  std::string_view prefix;  // of the texts of those that are made here
};

inline constexpr auto kTokenKinds = std::to_array<TokenKindRow>({
    {TokenKind::kClient, "client", "wst-"},
    {TokenKind::kRelay, "relay", "wsr-"},
});

constexpr const TokenKindRow& token_kind_row(TokenKind kind) {
  return kTokenKinds[static_cast<std::size_t>(kind)];
}

constexpr TokenKind read_token_kind(std::string_view name) {
  for (const TokenKindRow& row : kTokenKinds) {
    if (row.name == name) return row.kind;
  }
  return TokenKind::kUnknown;
}

}  // namespace wasat::account
