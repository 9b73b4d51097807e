// What Gemini's models can do, by family, as data.
//
// New models appear every few weeks, so nothing matches version numbers in
// code: a family is a glob, the first row that matches counts, and a name that
// no row knows but that begins with "gemini-" has everything that the current
// generation has. Immutable; any thread.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace wasat::gemini {

enum class ThinkingLevel : std::uint8_t { kMinimal, kLow, kMedium, kHigh };

// "MINIMAL"; as in generationConfig.thinkingConfig.thinkingLevel.
std::string_view thinking_level_name(ThinkingLevel level);

struct Thinking {
  enum class Style : std::uint8_t {
    kNone,    // thinkingConfig is refused
    kBudget,  // thinkingBudget in tokens; thinkingLevel is refused
    kLevel,   // thinkingLevel; a budget of 128..32768 is taken as well
  };
  Style style = Style::kNone;
  int min_budget = 0;  // the smallest that is not 0
  int max_budget = 0;
  bool can_turn_off = false;    // a budget of 0 is taken
  bool off_by_default = false;  // and does not think unless a budget says so
  std::uint8_t levels = 0;      // one bit for each ThinkingLevel, 1 << level

  bool has(ThinkingLevel level) const { return (levels >> static_cast<int>(level) & 1) != 0; }
  // The nearest level that the model has: itself, else the next lower, else the
  // lowest. kLevel only.
  ThinkingLevel nearest(ThinkingLevel wanted) const;
  // -1 (dynamic) stays, 0 stays where it is allowed, the rest goes into the limits.
  int clamp_budget(int wanted) const;
};

struct ModelFamily {
  std::string_view glob;
  // What came with generation 3: thought signatures are checked on function
  // calls of the current turn, built-in tools go together with functions, JSON
  // output goes together with functions, media may stand in function responses.
  bool third_generation = false;
  Thinking thinking;
  bool image_output = false;
  bool audio_output = false;
  bool embedding = false;
  // Numbers in a full embedding; shorter ones may come without having length 1.
  int embedding_size = 0;
  bool many_candidates = false;  // candidateCount may be more than 1, but in streams
  // Takes parameters and responseSchema (OpenAPI's subset), not JSON Schema.
  bool openapi_schemas = false;
  int output_limit = 0;  // the largest maxOutputTokens; 0: nothing is known
};

// Never fails: a name that nothing is known about has the row "*".
const ModelFamily& model_family(std::string_view model);

std::span<const ModelFamily> model_families();

// "*" stands for any number of any characters; everything else for itself.
bool glob_matches(std::string_view glob, std::string_view text);

}  // namespace wasat::gemini
