// How much a model shall think: what clients call it, and what Gemini takes.

#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "gemini/model_table.h"
#include "json/writer.h"

namespace wasat::dialect {

enum class Effort : std::uint8_t { kNone, kMinimal, kLow, kMedium, kHigh, kMax };

// "none", "minimal", "low", "medium", "high", "xhigh", "max"; nullopt for others.
std::optional<Effort> effort_of(std::string_view name);

struct ThinkingWish {
  std::optional<Effort> effort;
  std::optional<std::int64_t> budget;  // tokens; outranks effort
  // Whether thoughts shall be in the answer; nullopt: leave it to Gemini.
  std::optional<bool> include_thoughts;
};

// Appends the member "thinkingConfig", or nothing where the model takes none or
// nothing is wished. Budgets are kept within the model's limits; a model that
// knows levels gets the level that is nearest, one that knows budgets never
// gets a level (the upstream answers 400 to each mistake).
void write_thinking_config(json::Writer& writer, const gemini::Thinking& model,
                           const ThinkingWish& wish);

// How many tokens of thoughts are asked for; 0 when nothing is said of it.
std::int64_t thinking_tokens(const gemini::Thinking& model, const ThinkingWish& wish);

}  // namespace wasat::dialect
