// Models that clients derive from others by a suffix: "gemini-2.5-flash-search",
// "gemini-2.5-pro-nothinking", "gemini-3-flash-preview-high".

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string_view>

namespace wasat::gemini {

struct DerivedModel {
  enum class Think : std::uint8_t { kUnsaid, kOff, kMinimal, kLow, kMedium, kHigh, kMax, kShown };
  bool search = false;           // "-search": googleSearch
  bool image = false;            // "-image": answers with text and images
  Think think = Think::kUnsaid;  // kShown: "-thinking", thoughts are shown
  std::optional<int> budget;     // "-thinking-8192"; or of the operator's table, by model

  bool operator==(const DerivedModel&) const = default;
};

// Whether the upstream has a model of this very name; nullopt: not known.
using KnowsModel = std::function<std::optional<bool>(std::string_view)>;

// Takes the suffixes off `name` and notes in `derived` what they ask for; gives the
// rest. They stack: "-search-nothinking". Names that exist are left alone, since
// real ones end in "-image", too.
std::string_view split_derived(std::string_view name, const KnowsModel& knows,
                               DerivedModel& derived);

}  // namespace wasat::gemini
