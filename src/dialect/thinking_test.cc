#include "dialect/thinking.h"

#include <gtest/gtest.h>

#include "json/reader.h"

namespace wasat::dialect {
namespace {

using gemini::Thinking;

std::string config(const Thinking& model, const ThinkingWish& wish) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object();
  write_thinking_config(writer, model, wish);
  writer.end_object();
  return out;
}

std::string config(std::string_view model, const ThinkingWish& wish) {
  return config(gemini::model_family(model).thinking, wish);
}

TEST(Thinking, FollowsGooglesTable) {
  EXPECT_EQ(config("gemini-2.5-flash", {.effort = Effort::kLow}),
            R"({"thinkingConfig":{"thinkingBudget":1024}})");
  EXPECT_EQ(config("gemini-2.5-flash", {.effort = Effort::kHigh}),
            R"({"thinkingConfig":{"thinkingBudget":24576}})");
  EXPECT_EQ(config("gemini-2.5-pro", {.effort = Effort::kMax}),
            R"({"thinkingConfig":{"thinkingBudget":32768}})");
  EXPECT_EQ(config("gemini-2.5-flash-lite", {.effort = Effort::kNone, .include_thoughts = true}),
            R"({"thinkingConfig":{"thinkingBudget":0}})");
  EXPECT_EQ(config("gemini-3-flash-preview", {.effort = Effort::kMedium}),
            R"({"thinkingConfig":{"thinkingLevel":"MEDIUM"}})");
  EXPECT_EQ(config("gemini-2.0-flash", {.effort = Effort::kHigh, .include_thoughts = true}), "{}");
  EXPECT_EQ(config("gemini-2.5-flash", {}), "{}");
}

// Law: whatever is wished, no model gets what it refuses.
TEST(Thinking, NeverAsksForWhatAModelRefuses) {
  std::vector<ThinkingWish> wishes;
  for (const std::optional<bool> include : {std::optional<bool>(), {true}, {false}}) {
    wishes.push_back({.include_thoughts = include});
    for (int effort = 0; effort <= static_cast<int>(Effort::kMax); ++effort) {
      wishes.push_back({.effort = static_cast<Effort>(effort), .include_thoughts = include});
    }
    for (const std::int64_t budget : {INT64_MIN, INT64_C(-1), INT64_C(0), INT64_C(1), INT64_C(300),
                                      INT64_C(100'000), INT64_MAX}) {
      wishes.push_back({.budget = budget, .include_thoughts = include});
    }
  }
  for (const gemini::ModelFamily& family : gemini::model_families()) {
    const Thinking& model = family.thinking;
    for (const ThinkingWish& wish : wishes) {
      const std::string text = config(model, wish);
      const auto buffer = Buffer::copy_of(text);
      json::Document document;
      const json::Value thinking = document.parse(buffer->padded()).value()["thinkingConfig"];
      SCOPED_TRACE(std::string(family.glob) + " " + text);
      if (model.style == Thinking::Style::kNone) EXPECT_FALSE(thinking);
      if (model.style == Thinking::Style::kBudget) EXPECT_FALSE(thinking["thinkingLevel"]);
      EXPECT_FALSE(thinking["thinkingLevel"] && thinking["thinkingBudget"]);
      if (const auto budget = thinking["thinkingBudget"].integer()) {
        EXPECT_TRUE(*budget == -1 || (*budget == 0 && model.can_turn_off) ||
                    (*budget >= model.min_budget && *budget <= model.max_budget));
        if (*budget == 0) EXPECT_FALSE(thinking["includeThoughts"].boolean().value_or(false));
      }
      if (const json::Value level = thinking["thinkingLevel"]) {
        bool known = false;
        for (int i = 0; i < 4; ++i) {
          const auto one = static_cast<gemini::ThinkingLevel>(i);
          known = known || (model.has(one) && level.string() == gemini::thinking_level_name(one));
        }
        EXPECT_TRUE(known);
      }
    }
  }
}

}  // namespace
}  // namespace wasat::dialect
