// Models that clients derive from others by a suffix: "gemini-2.5-flash-search",
// "gemini-2.5-pro-nothinking", "gemini-3-flash-preview-high".

#pragma once

#include <cstdint>
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

}  // namespace wasat::gemini
