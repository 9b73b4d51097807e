#include "gemini/model_table.h"

#include <gtest/gtest.h>

#include <set>

namespace wasat::gemini {
namespace {

using Style = Thinking::Style;

TEST(ModelTable, GlobsMatchAnyRun) {
  EXPECT_TRUE(glob_matches("*", ""));
  EXPECT_TRUE(glob_matches("*", "anything"));
  EXPECT_TRUE(glob_matches("gemini-2*", "gemini-2"));
  EXPECT_TRUE(glob_matches("a*b*c", "aXbbYc"));
  EXPECT_TRUE(glob_matches("*ab", "aab"));
  EXPECT_FALSE(glob_matches("a*b*c", "aXbY"));
  EXPECT_FALSE(glob_matches("gemini-2", "gemini-2.5"));
  EXPECT_FALSE(glob_matches("", "x"));
  EXPECT_TRUE(glob_matches("", ""));
}

TEST(ModelTable, ThirdGenerationIsEverythingNotKnownToBeOlder) {
  for (const char* model : {"gemini-3-pro-preview", "gemini-3.6-flash", "gemini-4-argon",
                            "gemini-flash-latest", "gemini-pro-latest", "nano-banana-pro-preview",
                            "gemini-robotics-er-2-preview", "gemini-3.1-flash-image"}) {
    EXPECT_TRUE(model_family(model).third_generation) << model;
  }
  for (const char* model : {"gemini-1.5-pro", "gemini-2.0-flash", "gemini-2.5-pro", "gemini-pro",
                            "gemini-pro-vision", "gemini-robotics-er-1.5-preview", "gemma-4-31b-it",
                            "gemini-2.5-flash-image", "gemini-embedding-001", "unknown"}) {
    EXPECT_FALSE(model_family(model).third_generation) << model;
  }
}

TEST(ModelTable, BudgetsStayWithinTheModelsLimits) {
  EXPECT_EQ(model_family("gemini-2.5-pro").thinking.clamp_budget(0), 128);
  EXPECT_EQ(model_family("gemini-2.5-pro").thinking.clamp_budget(99999), 32768);
  EXPECT_EQ(model_family("gemini-2.5-pro").thinking.clamp_budget(-1), -1);
  EXPECT_EQ(model_family("gemini-2.5-flash").thinking.clamp_budget(0), 0);
  EXPECT_EQ(model_family("gemini-2.5-flash").thinking.clamp_budget(32768), 24576);
  EXPECT_EQ(model_family("gemini-2.5-flash-lite").thinking.clamp_budget(10), 512);
  EXPECT_EQ(model_family("gemini-3-pro-preview").thinking.clamp_budget(0), 128);
  EXPECT_EQ(model_family("gemini-2.5-flash-image").thinking.style, Style::kNone);
}

TEST(ModelTable, LevelsFallToTheNearest) {
  using enum ThinkingLevel;
  EXPECT_EQ(model_family("gemini-3-pro-preview").thinking.nearest(kMedium), kLow);
  EXPECT_EQ(model_family("gemini-3-pro-preview").thinking.nearest(kMinimal), kLow);
  EXPECT_EQ(model_family("gemini-3.1-pro-preview").thinking.nearest(kMedium), kMedium);
  EXPECT_EQ(model_family("gemini-3.6-flash").thinking.nearest(kMinimal), kMinimal);
  EXPECT_EQ(model_family("gemini-3.7-flash").thinking.nearest(kMinimal), kLow);
  EXPECT_EQ(model_family("gemini-3.7-flash-lite").thinking.nearest(kMinimal), kMinimal);
  EXPECT_EQ(model_family("gemini-flash-latest").thinking.nearest(kMinimal), kLow);
  EXPECT_EQ(model_family("gemini-3.1-flash-image").thinking.nearest(kMedium), kMinimal);
}

TEST(ModelTable, NoRowIsHiddenByAnEarlierOne) {
  std::set<std::string_view> seen;
  for (const ModelFamily& row : model_families()) {
    EXPECT_TRUE(seen.insert(row.glob).second) << row.glob;
    for (const ModelFamily& earlier : model_families()) {
      if (earlier.glob == row.glob) break;
      EXPECT_FALSE(glob_matches(earlier.glob, row.glob)) << earlier.glob << " hides " << row.glob;
    }
  }
}

}  // namespace
}  // namespace wasat::gemini
