#include "simulator/embeddings.h"

#include <algorithm>
#include <cmath>

#include "base/random.h"
#include "simulator/text.h"

namespace wasat::simulator {

std::vector<float> embedding(std::string_view text, std::size_t dimensions, std::uint64_t seed) {
  constexpr std::size_t kMostWords = 64;
  std::vector<float> sum(dimensions, 0.0F);
  const std::string lower = lower_case(text);
  std::string_view rest = lower;
  for (std::size_t words = 0; words < kMostWords; ++words) {
    rest.remove_prefix(std::min(rest.find_first_not_of(" \t\r\n.,;:!?\"'()"), rest.size()));
    const std::string_view word = rest.substr(0, rest.find_first_of(" \t\r\n.,;:!?\"'()"));
    rest.remove_prefix(word.size());
    if (word.empty() && words > 0) break;
    Random random(hash(word, seed));
    for (float& value : sum) value += static_cast<float>(random.unit() - 0.5);
  }
  double squares = 0;
  for (const float value : sum) squares += static_cast<double>(value) * static_cast<double>(value);
  const auto length = static_cast<float>(std::sqrt(squares));
  for (float& value : sum) value = length > 0 ? value / length : 0;
  return sum;
}

}  // namespace wasat::simulator
