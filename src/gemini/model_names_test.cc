#include "gemini/model_names.h"

#include <gtest/gtest.h>

#include "gemini/model_table.h"

namespace wasat::gemini {
namespace {

TEST(ModelNames, PrefixesAndEscapesComeOff) {
  EXPECT_EQ(clean_model_name("gemini-2.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(clean_model_name("models/gemini-2.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(clean_model_name("google/gemini-2.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(clean_model_name("gemini/models/gemini-2.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(clean_model_name("google%2Fgemini-2.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(clean_model_name("models%2fgemini-2.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(clean_model_name("publishers/google/models/gemini-2.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(clean_model_name("tunedModels/mine"), "tunedModels/mine");
  EXPECT_EQ(clean_model_name("models/"), "models/");
  EXPECT_EQ(clean_model_name("100%"), "100%");
  EXPECT_EQ(clean_model_name("%zz%4"), "%zz%4");
}

TEST(ModelNames, OnlyPlainNamesGoIntoPaths) {
  EXPECT_TRUE(is_model_name("gemini-2.5-flash_x"));
  EXPECT_TRUE(is_model_name("tunedModels/mine"));
  for (const char* name : {"", "..", "a/b", "x:generateContent", "x?key=1", "x y", "x%2f", "x#",
                           "tunedModels/", "tunedModels/a/b", "\n"}) {
    EXPECT_FALSE(is_model_name(name)) << name;
  }
}

TEST(ModelNames, RetiredModelsHaveHeirs) {
  const ModelAliases aliases;
  EXPECT_EQ(aliases.resolve("gemini-1.5-pro"), "gemini-2.5-pro");
  EXPECT_EQ(aliases.resolve("gemini-1.5-flash-latest"), "gemini-2.5-flash");
  EXPECT_EQ(aliases.resolve("gemini-1.5-flash-8b-001"), "gemini-2.5-flash-lite");
  EXPECT_EQ(aliases.resolve("gemini-pro"), "gemini-2.5-flash");
  EXPECT_EQ(aliases.resolve("gemini-1.0-pro"), "gemini-2.5-flash");
  EXPECT_EQ(aliases.resolve("gemini-2.0-flash-exp"), "gemini-2.5-flash");
  EXPECT_EQ(aliases.resolve("gemini-2.5-pro-preview-05-06"), "gemini-2.5-pro");
  EXPECT_EQ(aliases.resolve("gemini-2.5-flash-preview-tts"), "gemini-2.5-flash-preview-tts");
  EXPECT_EQ(aliases.resolve("claude-opus-5-5"), "gemini-pro-latest");
  EXPECT_EQ(aliases.resolve("claude-3-5-sonnet-20241022"), "gemini-pro-latest");
  EXPECT_EQ(aliases.resolve("claude-haiku-4-5"), "gemini-flash-latest");
  EXPECT_EQ(aliases.resolve("claude-3-5-haiku-latest"), "gemini-flash-latest");
  EXPECT_EQ(aliases.resolve("gemini-2.5-flash"), "gemini-2.5-flash");
  EXPECT_EQ(aliases.resolve("gemini-3-pro-preview"), "gemini-3-pro-preview");
  EXPECT_EQ(aliases.resolve("something-else"), "something-else");
}

TEST(ModelNames, TheOperatorsRowsComeFirst) {
  const ModelAliases aliases({{"gpt-*", "gemini-3.6-flash"}, {"gemini-1.5-pro", ""}});
  EXPECT_EQ(aliases.resolve("gpt-5"), "gemini-3.6-flash");
  EXPECT_EQ(aliases.resolve("gemini-1.5-pro"), "gemini-1.5-pro");
  EXPECT_EQ(aliases.resolve("gemini-1.5-flash"), "gemini-2.5-flash");
}

TEST(ModelNames, TargetsAreCurrentAndNoRowIsHidden) {
  const ModelAliases aliases;
  for (const BuiltinAlias& row : builtin_aliases()) {
    if (!row.target.empty()) EXPECT_EQ(aliases.resolve(row.target), row.target) << row.pattern;
    for (const BuiltinAlias& earlier : builtin_aliases()) {
      if (earlier.pattern == row.pattern) break;
      EXPECT_FALSE(glob_matches(earlier.pattern, row.pattern)) << row.pattern;
    }
  }
}

}  // namespace
}  // namespace wasat::gemini
