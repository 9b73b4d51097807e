#include "gemini/derived_model.h"

#include <array>
#include <charconv>

#include "gemini/model_table.h"

namespace wasat::gemini {
namespace {

using Think = DerivedModel::Think;

struct Suffix {
  std::string_view text;
  Think think = Think::kUnsaid;
  bool search = false;
  bool image = false;
};
// The longer of two that end alike come first.
constexpr std::array kSuffixes = {
    Suffix{.text = "-search", .search = true},
    Suffix{.text = "-image", .image = true},
    Suffix{.text = "-non-thinking", .think = Think::kOff},
    Suffix{.text = "-nothinking", .think = Think::kOff},
    Suffix{.text = "-maxthinking", .think = Think::kMax},
    Suffix{.text = "-thinking", .think = Think::kShown},
    Suffix{.text = "-minimal", .think = Think::kMinimal},
    Suffix{.text = "-low", .think = Think::kLow},
    Suffix{.text = "-medium", .think = Think::kMedium},
    Suffix{.text = "-high", .think = Think::kHigh},
    Suffix{.text = "-max", .think = Think::kMax},
};
// CLIProxyAPI's way: "gemini-3-pro-preview(high)".
constexpr std::array kWords = {
    Suffix{.text = "none", .think = Think::kOff},
    Suffix{.text = "minimal", .think = Think::kMinimal},
    Suffix{.text = "low", .think = Think::kLow},
    Suffix{.text = "medium", .think = Think::kMedium},
    Suffix{.text = "high", .think = Think::kHigh},
    Suffix{.text = "xhigh", .think = Think::kMax},
    Suffix{.text = "max", .think = Think::kMax},
    Suffix{.text = "auto", .think = Think::kShown},
};

std::optional<int> number(std::string_view digits) {
  int value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc() || end != digits.data() + digits.size() || value < 0) return {};
  return value;
}

void ask(const Suffix& suffix, DerivedModel& derived) {
  derived.search = derived.search || suffix.search;
  derived.image = derived.image || suffix.image;
  // The last one of the name was read first, and counts.
  if (derived.think == Think::kUnsaid && !derived.budget) derived.think = suffix.think;
}

// Takes one suffix off; false: there is none.
bool take_one(std::string_view& name, DerivedModel& derived) {
  if (name.ends_with(')')) {
    const std::size_t open = name.rfind('(');
    if (open == std::string_view::npos || open == 0) return false;
    const std::string_view word = name.substr(open + 1, name.size() - open - 2);
    if (const std::optional<int> budget = number(word)) {
      if (!derived.budget) derived.budget = budget;
      name = name.substr(0, open);
      return true;
    }
    for (const Suffix& each : kWords) {
      if (each.text != word) continue;
      ask(each, derived);
      name = name.substr(0, open);
      return true;
    }
    return false;
  }
  for (const Suffix& each : kSuffixes) {
    if (name.size() <= each.text.size() || !name.ends_with(each.text)) continue;
    ask(each, derived);
    name.remove_suffix(each.text.size());
    return true;
  }
  // "-thinking-8192"
  constexpr std::string_view kThinking = "-thinking-";
  const std::size_t at = name.rfind(kThinking);
  if (at == std::string_view::npos || at == 0) return false;
  const std::optional<int> budget = number(name.substr(at + kThinking.size()));
  if (!budget) return false;
  if (!derived.budget) derived.budget = budget;
  name = name.substr(0, at);
  return true;
}

bool may_have_suffix(std::string_view name) {
  if (name.empty()) return false;
  switch (name.back()) {
    case ')':
    case 'e':  // -image
    case 'g':  // -thinking
    case 'h':  // -search, -high
    case 'l':  // -minimal
    case 'm':  // -medium
    case 'w':  // -low
    case 'x':  // -max
      return true;
    default:
      return name.back() >= '0' && name.back() <= '9' && name.contains("-thinking-");
  }
}

}  // namespace

std::string_view split_derived(std::string_view name, const KnowsModel& knows,
                               DerivedModel& derived) {
  std::string_view rest = name;
  while (may_have_suffix(rest)) {
    std::string_view shorter = rest;
    DerivedModel wish = derived;
    if (!take_one(shorter, wish)) break;
    const std::optional<bool> exists = knows ? knows(rest) : std::nullopt;
    // Without a list of models: those that draw bear it in their names.
    if (exists.value_or(rest.ends_with("-image") && model_family(rest).image_output)) break;
    rest = shorter;
    derived = wish;
  }
  return rest;
}

}  // namespace wasat::gemini
