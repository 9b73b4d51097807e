#include "base/secret.h"

#include <fmt/core.h>
#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

namespace wasat {
namespace {

template <class T>
concept Streamable = requires(std::ostream& out, const T& value) { out << value; };
template <class T>
concept Comparable = requires(const T& a, const T& b) { a == b; };

static_assert(Streamable<std::string> && Comparable<std::string>);
static_assert(!Streamable<Secret>);
static_assert(!Comparable<Secret>);
static_assert(!fmt::is_formattable<Secret>::value);
static_assert(!std::is_convertible_v<Secret, std::string_view>);
static_assert(!std::is_convertible_v<Secret, std::string>);
static_assert(!std::is_convertible_v<std::string, Secret>);

TEST(Secret, ComparesWithoutTellingWhere) {
  const Secret secret("correct horse");
  EXPECT_TRUE(secret.equals("correct horse"));
  EXPECT_FALSE(secret.equals("correct horse "));
  EXPECT_FALSE(secret.equals("Correct horse"));
  EXPECT_FALSE(secret.equals(""));
  EXPECT_TRUE(Secret().equals(""));
}

TEST(Secret, CopiesAndMoves) {
  Secret a("one");
  Secret b = a;
  const Secret c = std::move(a);
  EXPECT_TRUE(c.equals("one"));
  EXPECT_TRUE(a.empty());  // NOLINT(bugprone-use-after-move)
  b = Secret("two");
  EXPECT_TRUE(b.equals("two"));
}

TEST(Secret, MaskShowsTheFirstEightOfAKey) {
  EXPECT_EQ(Secret("AIzaSyABCDEFGHIJKLMNOPQRSTUVWXYZ1234567").mask(), "AIzaSyAB...");
}

TEST(Secret, MaskOfAShortTextShowsAtMostAQuarter) {
  EXPECT_EQ(Secret("hunter22").mask(), "hu...");
  EXPECT_EQ(Secret("k1").mask(), "...");
  EXPECT_EQ(Secret().mask(), "...");
}

}  // namespace
}  // namespace wasat
