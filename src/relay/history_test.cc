#include "relay/history.h"

#include <gtest/gtest.h>

namespace wasat::relay {
namespace {

TEST(History, KeepsTheLastVisits) {
  History history;
  for (std::size_t i = 0; i < History::kMost + 10; ++i) {
    history.add({.node = {.id = i % 2 == 0 ? "relay-even" : "relay-odd", .served = i},
                 .until = {},
                 .why = "closed"});
  }
  EXPECT_EQ(history.visits("", 1'000'000).size(), History::kMost);
  const std::vector<Visit> some = history.visits("relay-even", 3);
  ASSERT_EQ(some.size(), 3u);
  EXPECT_EQ(some[0].node.served, History::kMost + 8) << "newest first";
  EXPECT_EQ(some[1].node.served, History::kMost + 6);
  EXPECT_EQ(history.visits("relay-nobody", 3).size(), 0u);
}

}  // namespace
}  // namespace wasat::relay
