#include "account/prices.h"

#include <gtest/gtest.h>

#include <set>

namespace wasat::account {
namespace {

TEST(Prices, CachedTokensAreCountedOnceAndCheaper_P57) {
  const Prices prices;
  // 10,000 of which 8,000 came from the cache, and 500 out: 0.0006 + 0.00024 + 0.00125 dollars.
  EXPECT_EQ(prices.cost("gemini-2.5-flash",
                        {.prompt = 10'000, .candidates = 500, .cached = 8'000, .total = 10'500}),
            2'090'000);
  EXPECT_EQ(prices.cost("gemini-2.5-flash", {.prompt = 10'000, .candidates = 500, .total = 10'500}),
            4'250'000);
}

TEST(Prices, ThoughtsCostAsOutputOnce_P58) {
  const Prices prices;
  const Money apart = prices.cost("gemini-2.5-pro",
                                  {.prompt = 100, .candidates = 10, .thoughts = 90, .total = 200});
  const Money included = prices.cost(
      "gemini-2.5-pro", {.prompt = 100, .candidates = 100, .thoughts = 90, .total = 200});
  EXPECT_EQ(apart, 125'000 + 1'000'000);
  EXPECT_EQ(included, apart);
}

TEST(Prices, LongPromptsCostMoreAsAWhole) {
  const Prices prices;
  EXPECT_EQ(prices.cost("gemini-2.5-pro", {.prompt = 200'000, .candidates = 1000}),
            250'000'000 + 10'000'000);
  EXPECT_EQ(prices.cost("gemini-2.5-pro", {.prompt = 200'001, .candidates = 1000}),
            500'002'500 + 15'000'000);
}

TEST(Prices, SoundAndPicturesHaveTheirOwn) {
  const Prices prices;
  EXPECT_EQ(prices.cost("gemini-2.5-flash", {.prompt = 1000, .audio_prompt = 900}),
            30'000 + 900'000);
  EXPECT_EQ(prices.cost("gemini-2.5-flash", {.prompt = 1000, .cached = 500, .audio_prompt = 900}),
            500'000 + 100 * 30 + 400 * 100);
  EXPECT_EQ(prices.cost("gemini-2.5-flash-image",
                        {.prompt = 10, .candidates = 1300, .media_candidates = 1290}),
            3'000 + 10 * 2'500 + 1290 * 30'000);
}

TEST(Prices, AnUnknownModelCostsNothingAndIsKnownToBeUnknown) {
  const Prices prices;
  EXPECT_EQ(prices.find("gemini-9-ultra"), nullptr);
  EXPECT_EQ(prices.cost("gemini-9-ultra", {.prompt = 1'000'000}), 0);
  // A cheaper sister is not taken for its sister.
  EXPECT_EQ(prices.find("gemini-3.5-flash-lite"), nullptr);
  EXPECT_EQ(prices.find("gemini-2.5-flash-lite-preview-09-2025")->model, "gemini-2.5-flash-lite*");
}

TEST(Prices, CountsFromOutsideDoNotMakeACostNegative) {
  const Prices prices;
  EXPECT_GE(prices.cost("gemini-2.5-flash", {.prompt = 1, .cached = 1000}), 0);
  EXPECT_GE(prices.cost("gemini-2.5-flash", {.prompt = 1, .audio_prompt = 1000}), 0);
  EXPECT_GE(prices.cost("gemini-2.5-flash-image", {.candidates = 1, .media_candidates = 99}), 0);
}

TEST(Prices, TheOperatorsRowsComeFirstAndTheLongestOfThem) {
  const auto rows = read_prices({{"gemini-*", "1/2"}, {"gemini-2.5-flash", "3/4/0.5"}});
  ASSERT_TRUE(rows);
  const Prices prices(*rows);
  EXPECT_EQ(prices.find("gemini-2.5-flash")->usual.input, 3'000'000);
  EXPECT_EQ(prices.find("gemini-2.5-pro")->usual.output, 2'000'000);
  EXPECT_EQ(prices.find("gemini-9-ultra")->usual.cached, 1'000'000);
}

TEST(Prices, WhatIsPricedByThePieceCostsThatBesidesItsTokens) {
  const auto rows = read_prices({{"imagen-*", "0/0;image=0.04"},
                                 {"veo-*", "0/0;second=0.4"},
                                 {"model-s", "1/2;search=0.014"},
                                 {"model-g", "1/2;grounded=0.035"},
                                 {"model-r", "0/0;request=0.5"}});
  ASSERT_TRUE(rows) << rows.error().detail;
  const Prices prices(*rows);
  EXPECT_EQ(prices.cost("imagen-4", {.images = 3}), 120'000'000);
  EXPECT_EQ(prices.cost("veo-3", {.seconds = 8}), 3'200'000'000);
  EXPECT_EQ(prices.cost("model-s", {.prompt = 1000, .searches = 2}), 1'000'000 + 28'000'000);
  EXPECT_EQ(prices.cost("model-g", {.prompt = 1000, .searches = 2}), 1'000'000 + 35'000'000);
  EXPECT_EQ(prices.cost("model-g", {.prompt = 1000}), 1'000'000);
  EXPECT_EQ(prices.cost("model-r", {.prompt = 1000}), 500'000'000);
  EXPECT_EQ(prices.cost("model-r", {}), 0);
  EXPECT_EQ(prices.cost("gemini-2.5-flash", {.searches = 2}), 0);
}

TEST(Prices, CoverPiecesThatTheyName) {
  const auto covered = [](const char* text, const gemini::Usage& pieces) {
    return covers(*read_price("m", text), pieces);
  };
  EXPECT_TRUE(covered("0/0;image=0.04", {.images = 1}));
  EXPECT_FALSE(covered("0/0;image=0.04", {.seconds = 8}));
  EXPECT_TRUE(covered("0/0;second=0.4", {.seconds = 8}));
  EXPECT_TRUE(covered("0/0;request=0.4", {.seconds = 8}));
  EXPECT_FALSE(covered("1/2", {.images = 1}));
  EXPECT_TRUE(covered("0/0", {.images = 1})) << "free";
}

TEST(PriceBook, FollowsModelsAndNewPrices) {
  Snapshot<Prices> prices(std::make_shared<const Prices>());
  PriceBook book(prices);
  const gemini::Usage usage{.prompt = 1000};
  EXPECT_EQ(book.cost("gemini-2.5-flash", usage), 300'000);
  EXPECT_EQ(book.cost("gemini-2.5-flash", usage), 300'000);
  EXPECT_EQ(book.cost("gemini-2.5-pro", usage), 1'250'000);
  EXPECT_EQ(book.cost("unknown", usage), 0);
  EXPECT_EQ(book.cost("unknown", {}), 0);
  prices.publish(std::make_shared<const Prices>(*read_prices({{"unknown", "1/1"}})));
  EXPECT_EQ(book.cost("unknown", usage), 1'000'000);
  EXPECT_EQ(book.cost("gemini-2.5-flash", usage), 300'000);
}

TEST(Prices, WhatIsWrittenReadsBack) {
  for (const Price& price : builtin_prices()) {
    const Result<Price> again = read_price(price.model, Prices::text(price));
    ASSERT_TRUE(again) << Prices::text(price);
    EXPECT_EQ(*again, price) << Prices::text(price);
  }
  const Result<Price> whole = read_price(
      "m",
      "1.25/10/0.125;long=2.5/15;audio=1/0.1;media=30;grounded=0.035;search=0.014;second=0.4;"
      "image=0.04;request=1");
  ASSERT_TRUE(whole);
  EXPECT_EQ(Prices::text(*whole),
            "1.25/10/0.125;long=2.5/15/2.5;audio=1/0.1;media=30;request=1;image=0.04;second=0.4;"
            "search=0.014;grounded=0.035");
}

TEST(Prices, SaysWhichPriceCannotBeRead) {
  for (const char* text :
       {"", "1", "1/2/3/4", "a/b", "-1/2", "1/2;", "1/2;x=1", "1/2;long=1", "1/2;media",
        "1/2;media=1/2", "inf/1", "1e9/1", "1/ 2", "1/2;image=", "1/2;image=1/2", "1/2;video=1"}) {
    const Result<Price> price = read_price("gemini-x", text);
    if (std::string_view(text) == "1/2;") {
      EXPECT_TRUE(price);  // an end without anything behind it says nothing
      continue;
    }
    ASSERT_FALSE(price) << text;
    EXPECT_TRUE(price.error().detail.contains("gemini-x"));
  }
}

TEST(Prices, NoRowIsHiddenByAnother) {
  std::set<std::string_view> seen;
  for (const Price& price : builtin_prices()) {
    std::string name = price.model;
    std::erase(name, '*');
    EXPECT_EQ(Prices().find(name)->model, price.model);
    EXPECT_TRUE(seen.insert(price.model).second);
  }
}

}  // namespace
}  // namespace wasat::account
