#include "gemini/model_table.h"

#include <algorithm>
#include <array>

namespace wasat::gemini {
namespace {

constexpr std::uint8_t bit(ThinkingLevel level) {
  return static_cast<std::uint8_t>(1u << static_cast<unsigned>(level));
}
constexpr std::uint8_t kLowHigh = bit(ThinkingLevel::kLow) | bit(ThinkingLevel::kHigh);
constexpr std::uint8_t kLowToHigh = kLowHigh | bit(ThinkingLevel::kMedium);
constexpr std::uint8_t kMinimalToHigh = kLowToHigh | bit(ThinkingLevel::kMinimal);
constexpr std::uint8_t kMinimalHigh = bit(ThinkingLevel::kMinimal) | bit(ThinkingLevel::kHigh);

constexpr Thinking budget(int least, int most, bool can_turn_off) {
  return {.style = Thinking::Style::kBudget,
          .min_budget = least,
          .max_budget = most,
          .can_turn_off = can_turn_off};
}

constexpr Thinking off_by_default(Thinking thinking) {
  thinking.off_by_default = true;
  return thinking;
}

constexpr Thinking levels(std::uint8_t set) {
  return {.style = Thinking::Style::kLevel, .min_budget = 128, .max_budget = 32768, .levels = set};
}

// ai.google.dev/gemini-api/docs/thinking. The first row that matches counts, so
// the special stand before the general.
constexpr std::array kFamilies = {
    ModelFamily{.glob = "gemini-embedding-*", .embedding = true, .embedding_size = 3072},
    ModelFamily{.glob = "*embedding*", .embedding = true, .embedding_size = 768},
    ModelFamily{.glob = "gemini-1*",
                .many_candidates = true,
                .openapi_schemas = true,
                .output_limit = 8192},
    ModelFamily{.glob = "gemini-pro", .openapi_schemas = true},
    ModelFamily{.glob = "gemini-pro-vision", .openapi_schemas = true},
    ModelFamily{.glob = "gemini-robotics-er-1.5*",
                .thinking = budget(1, 24576, true),
                .output_limit = 65536},
    ModelFamily{.glob = "gemini-2.5-*-tts*", .audio_output = true, .output_limit = 16384},
    ModelFamily{.glob = "gemini-2.5-flash-image*", .image_output = true, .output_limit = 32768},
    ModelFamily{.glob = "gemini-2.5-flash-native-audio*",
                .thinking = budget(1, 24576, true),
                .audio_output = true,
                .output_limit = 65536},
    ModelFamily{.glob = "gemini-2.5-flash-lite*",
                .thinking = off_by_default(budget(512, 24576, true)),
                .output_limit = 65536},
    ModelFamily{
        .glob = "gemini-2.5-flash*", .thinking = budget(1, 24576, true), .output_limit = 65536},
    ModelFamily{
        .glob = "gemini-2.5-pro*", .thinking = budget(128, 32768, false), .output_limit = 65536},
    ModelFamily{.glob = "gemini-2.5-computer-use*",
                .thinking = budget(128, 32768, false),
                .output_limit = 65536},
    ModelFamily{.glob = "gemini-2*-image-generation*", .image_output = true, .output_limit = 8192},
    ModelFamily{.glob = "gemini-2*", .many_candidates = true, .output_limit = 8192},
    ModelFamily{.glob = "gemini-*-tts*",
                .third_generation = true,
                .audio_output = true,
                .output_limit = 16384},
    ModelFamily{.glob = "gemini-*-pro-image*",
                .third_generation = true,
                .thinking = levels(kLowHigh),
                .image_output = true,
                .output_limit = 32768},
    ModelFamily{.glob = "gemini-*-image*",
                .third_generation = true,
                .thinking = levels(kMinimalHigh),
                .image_output = true,
                .output_limit = 32768},
    ModelFamily{.glob = "nano-banana-pro*",
                .third_generation = true,
                .thinking = levels(kLowHigh),
                .image_output = true,
                .output_limit = 32768},
    ModelFamily{.glob = "nano-banana*",
                .third_generation = true,
                .thinking = levels(kMinimalHigh),
                .image_output = true,
                .output_limit = 32768},
    ModelFamily{.glob = "gemini-3-pro*",
                .third_generation = true,
                .thinking = levels(kLowHigh),
                .output_limit = 65536},
    ModelFamily{.glob = "gemini-*flash-lite*",
                .third_generation = true,
                .thinking = levels(kMinimalToHigh),
                .output_limit = 65536},
    ModelFamily{.glob = "gemini-3-flash*",
                .third_generation = true,
                .thinking = levels(kMinimalToHigh),
                .output_limit = 65536},
    ModelFamily{.glob = "gemini-3.1-flash*",
                .third_generation = true,
                .thinking = levels(kMinimalToHigh),
                .output_limit = 65536},
    ModelFamily{.glob = "gemini-3.5-flash*",
                .third_generation = true,
                .thinking = levels(kMinimalToHigh),
                .output_limit = 65536},
    ModelFamily{.glob = "gemini-3.6-flash*",
                .third_generation = true,
                .thinking = levels(kMinimalToHigh),
                .output_limit = 65536},
    // Since 3.7 the least that flash takes is "low".
    ModelFamily{.glob = "gemini-*",
                .third_generation = true,
                .thinking = levels(kLowToHigh),
                .output_limit = 65536},
    ModelFamily{.glob = "*"},
};

static_assert(kFamilies.back().glob == "*", "model_family() relies on a row that always matches");

}  // namespace

std::string_view thinking_level_name(ThinkingLevel level) {
  switch (level) {
    case ThinkingLevel::kMinimal:
      return "MINIMAL";
    case ThinkingLevel::kLow:
      return "LOW";
    case ThinkingLevel::kMedium:
      return "MEDIUM";
    case ThinkingLevel::kHigh:
      break;
  }
  return "HIGH";
}

ThinkingLevel Thinking::nearest(ThinkingLevel wanted) const {
  for (int level = static_cast<int>(wanted); level >= 0; --level) {
    if (has(static_cast<ThinkingLevel>(level))) return static_cast<ThinkingLevel>(level);
  }
  for (int level = static_cast<int>(wanted); level <= static_cast<int>(ThinkingLevel::kHigh);
       ++level) {
    if (has(static_cast<ThinkingLevel>(level))) return static_cast<ThinkingLevel>(level);
  }
  return wanted;
}

int Thinking::clamp_budget(int wanted) const {
  if (wanted < 0) return -1;
  if (wanted == 0 && can_turn_off) return 0;
  return std::clamp(wanted, min_budget, max_budget);
}

const ModelFamily& model_family(std::string_view model) {
  return *std::ranges::find_if(
      kFamilies, [model](const ModelFamily& row) { return glob_matches(row.glob, model); });
}

std::span<const ModelFamily> model_families() { return kFamilies; }

bool glob_matches(std::string_view glob, std::string_view text) {
  // Greedy with one point to come back to: enough for "*", and linear in practice.
  std::size_t g = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t resume = 0;
  while (t < text.size()) {
    if (g < glob.size() && glob[g] == '*') {
      star = g++;
      resume = t;
    } else if (g < glob.size() && glob[g] == text[t]) {
      ++g;
      ++t;
    } else if (star != std::string_view::npos) {
      g = star + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (g < glob.size() && glob[g] == '*') ++g;
  return g == glob.size();
}

}  // namespace wasat::gemini
