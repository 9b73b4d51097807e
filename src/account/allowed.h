// Which kinds of upstream resources a token may make and use, and whether relay nodes may
// serve it. A plain value.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "gemini/resource_kind.h"

namespace wasat::account {

class Allowed {
 public:
  constexpr Allowed() = default;
  static constexpr Allowed none() { return {}; }
  static constexpr Allowed all() {
    Allowed allowed;
    for (const auto& row : gemini::kResourceKinds) allowed.add(row.kind);
    return allowed;
  }
  // What is safe for every client, since each token sees only what it made itself.
  static constexpr Allowed owned() {
    Allowed allowed = all();
    for (const auto kind : {gemini::ResourceKind::kEphemeralTokens,
                            gemini::ResourceKind::kTunedModels, gemini::ResourceKind::kOther}) {
      allowed.bits_ &= static_cast<std::uint16_t>(~bit(kind));
    }
    return allowed;
  }

  // "files,caches", "all,relay", "none"; words are separated by commas or spaces. Trust in
  // relay nodes is a word of its own, which "all" does not say.
  // Error: kInvalidRequest, a word that is no kind.
  static Result<Allowed> parse(std::string_view words);
  std::string text() const;

  constexpr void add(gemini::ResourceKind kind) { bits_ |= bit(kind); }
  constexpr bool operator()(gemini::ResourceKind kind) const { return (bits_ & bit(kind)) != 0; }
  // Relay nodes may see what this token asks, and answer it.
  constexpr void add_relay() { bits_ |= kRelayBit; }
  constexpr bool relay() const { return (bits_ & kRelayBit) != 0; }
  bool operator==(const Allowed&) const = default;

 private:
  static constexpr std::uint16_t kRelayBit = 1u << 15;
  static_assert(gemini::kResourceKinds.size() < 15);
  static constexpr std::uint16_t bit(gemini::ResourceKind kind) {
    return static_cast<std::uint16_t>(1u << static_cast<unsigned>(kind));
  }
  // Of both together.
  constexpr void add(Allowed other) { bits_ |= other.bits_; }
  std::uint16_t bits_ = 0;
};

}  // namespace wasat::account
