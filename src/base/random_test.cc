#include "base/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace wasat {
namespace {

TEST(Random, RepeatsFromItsSeed) {
  Random a(7), b(7), c(8);
  EXPECT_EQ(a.id(), b.id());
  EXPECT_EQ(a.next(), b.next());
  EXPECT_NE(Random(7).next(), c.next());
}

TEST(Random, IdHasTheWantedLengthAndOnlyLettersAndDigits) {
  Random random(1);
  std::set<char> seen;
  for (int i = 0; i < 200; ++i) {
    const std::string id = random.id();
    ASSERT_EQ(id.size(), 24u);
    seen.insert(id.begin(), id.end());
  }
  EXPECT_EQ(seen.size(), 62u);
  EXPECT_TRUE(std::ranges::all_of(seen, [](unsigned char c) { return std::isalnum(c) != 0; }));
}

TEST(Random, BelowAndUnitStayInsideAndReachAll) {
  Random random(3);
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1000; ++i) {
    seen.insert(random.below(5));
    const double unit = random.unit();
    ASSERT_GE(unit, 0.0);
    ASSERT_LT(unit, 1.0);
  }
  EXPECT_EQ(seen, (std::set<std::uint64_t>{0, 1, 2, 3, 4}));
}

TEST(SecureText, HasPrefixAndLengthAndDiffersEachTime) {
  const Secret a = secure_text(40, "wst-");
  const Secret b = secure_text(40, "wst-");
  EXPECT_EQ(a.size(), 44u);
  EXPECT_TRUE(a.reveal().starts_with("wst-"));
  EXPECT_FALSE(a.equals(b.reveal()));
}

}  // namespace
}  // namespace wasat
