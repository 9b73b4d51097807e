#include "account/unpriced.h"

#include <gtest/gtest.h>

#include <vector>

namespace wasat::account {
namespace {

TEST(Unpriced, TellsOfEachModelOnceAndCountsAll) {
  std::vector<std::string> told;
  Unpriced unpriced([&](std::string_view model) { told.emplace_back(model); });
  unpriced.note("gemini-9-pro");
  unpriced.note("gemini-9-flash");
  unpriced.note("gemini-9-pro");
  EXPECT_EQ(told, (std::vector<std::string>{"gemini-9-pro", "gemini-9-flash"}));
  EXPECT_EQ(unpriced.exchanges(), 3u);
  EXPECT_EQ(unpriced.models().at("gemini-9-pro"), 2u);
}

TEST(Unpriced, NamesOfClientsDoNotPileUp) {
  int told = 0;
  Unpriced unpriced([&](std::string_view) { ++told; });
  for (std::size_t i = 0; i < 3 * Unpriced::kMostModels; ++i) unpriced.note(std::to_string(i));
  EXPECT_EQ(unpriced.models().size(), Unpriced::kMostModels);
  EXPECT_EQ(told, static_cast<int>(Unpriced::kMostModels));
  EXPECT_EQ(unpriced.exchanges(), 3 * Unpriced::kMostModels);
}

}  // namespace
}  // namespace wasat::account
