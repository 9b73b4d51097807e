// Gemini's implicit caching: what of a prompt an account has seen a short while ago
// costs less, and the usage says how much that was.
//
// Off until POST /simulator/caching turns it on, since it makes an answer's usage
// depend on what was asked before. A prompt is remembered as the hashes of its
// beginnings, a block of tokens apart. One for all workers; any thread. Bounded:
// beyond that the blocks that were used longest ago go.

#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/body.h"
#include "base/result.h"

namespace wasat::simulator {

class ImplicitCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  static constexpr int kBlockTokens = 128;
  // The fewest tokens that are worth caching.
  static constexpr int kLeastTokensFlash = 1024;
  static constexpr int kLeastTokensPro = 4096;

  // {"implicit":true,"seconds":300}: on for as long behind the last use, or off.
  // Errors: kInvalidRequest.
  [[nodiscard]] Result<> configure(PaddedView json);
  void turn_off();

  // How many tokens at the beginning of this prompt (a generateContent request)
  // the key's account has seen for this model, in whole blocks; 0 when off, or
  // fewer than the model caches. Remembers the prompt.
  int use(std::string_view key, std::string_view model, PaddedView request, Time now);

  struct Totals {
    bool on = false;
    std::uint64_t prompts = 0;
    std::uint64_t tokens = 0;         // of whole blocks
    std::uint64_t cached_tokens = 0;  // of these
  };
  Totals totals() const;

 private:
  static constexpr std::size_t kMostBlocks = 1 << 18;
  struct Use {
    std::uint64_t block;
    Time at;
  };
  void forget_old(Time now);

  mutable std::mutex mutex_;
  Totals totals_;
  std::chrono::seconds kept_{300};
  std::unordered_map<std::uint64_t, Time> blocks_;  // when they were used last
  std::deque<Use> uses_;                            // oldest first; those that were repeated stay
};

}  // namespace wasat::simulator
