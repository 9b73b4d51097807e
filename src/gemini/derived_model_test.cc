#include "gemini/derived_model.h"

#include <gtest/gtest.h>

namespace wasat::gemini {
namespace {

using Think = DerivedModel::Think;

struct Row {
  std::string_view name;
  std::string_view rest;
  DerivedModel derived;
};

TEST(DerivedModel, SuffixesSayWhatIsWanted) {
  const Row rows[] = {
      {"gemini-2.5-flash", "gemini-2.5-flash", {}},
      {"gemini-2.5-flash-search", "gemini-2.5-flash", {.search = true}},
      {"gemini-2.0-flash-image", "gemini-2.0-flash", {.image = true}},
      {"gemini-2.5-pro-thinking", "gemini-2.5-pro", {.think = Think::kShown}},
      {"gemini-2.5-pro-nothinking", "gemini-2.5-pro", {.think = Think::kOff}},
      {"gemini-2.5-pro-non-thinking", "gemini-2.5-pro", {.think = Think::kOff}},
      {"gemini-2.5-pro-maxthinking", "gemini-2.5-pro", {.think = Think::kMax}},
      {"gemini-2.5-pro-thinking-8192", "gemini-2.5-pro", {.budget = 8192}},
      {"gemini-3-flash-preview-minimal", "gemini-3-flash-preview", {.think = Think::kMinimal}},
      {"gemini-3-flash-preview-low", "gemini-3-flash-preview", {.think = Think::kLow}},
      {"gemini-3-flash-preview-medium", "gemini-3-flash-preview", {.think = Think::kMedium}},
      {"gemini-3-flash-preview-high", "gemini-3-flash-preview", {.think = Think::kHigh}},
      {"gemini-3-flash-preview-max", "gemini-3-flash-preview", {.think = Think::kMax}},
      {"gemini-3-pro-preview(high)", "gemini-3-pro-preview", {.think = Think::kHigh}},
      {"gemini-2.5-pro(8192)", "gemini-2.5-pro", {.budget = 8192}},
      {"gemini-2.5-pro(none)", "gemini-2.5-pro", {.think = Think::kOff}},
      {"gemini-2.5-flash-search-nothinking",
       "gemini-2.5-flash",
       {.search = true, .think = Think::kOff}},
      {"gemini-2.5-flash-low-high", "gemini-2.5-flash", {.think = Think::kHigh}},
      {"o3-mini-high", "o3-mini", {.think = Think::kHigh}},
      // What only looks like one.
      {"gemini-2.5-flash(what)", "gemini-2.5-flash(what)", {}},
      {"-search", "-search", {}},
      {"(high)", "(high)", {}},
      {"gemini-2.0-flash-thinking-exp", "gemini-2.0-flash-thinking-exp", {}},
      {"gemini-2.5-flash-image", "gemini-2.5-flash-image", {}},
      {"gemini-3.1-flash-image", "gemini-3.1-flash-image", {}},
      {"", "", {}},
  };
  for (const Row& row : rows) {
    DerivedModel derived;
    EXPECT_EQ(split_derived(row.name, nullptr, derived), row.rest);
    EXPECT_EQ(derived.search, row.derived.search) << row.name;
    EXPECT_EQ(derived.image, row.derived.image) << row.name;
    EXPECT_EQ(derived.think, row.derived.think) << row.name;
    EXPECT_EQ(derived.budget, row.derived.budget) << row.name;
  }
}

TEST(DerivedModel, AModelThatExistsIsLeftAlone) {
  const KnowsModel knows = [](std::string_view name) { return name == "gemini-9-max"; };
  DerivedModel derived;
  EXPECT_EQ(split_derived("gemini-9-max", knows, derived), "gemini-9-max");
  EXPECT_EQ(derived.think, Think::kUnsaid);
  EXPECT_EQ(split_derived("gemini-9-max-search", knows, derived), "gemini-9-max");
  EXPECT_TRUE(derived.search);
  // The list outranks the table: no such model can draw.
  EXPECT_EQ(split_derived("gemini-2.5-flash-image", knows, derived), "gemini-2.5-flash");
}

}  // namespace
}  // namespace wasat::gemini
