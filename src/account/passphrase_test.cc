#include "account/passphrase.h"

#include <gtest/gtest.h>

namespace wasat::account {
namespace {

constexpr Stretching kQuick{.kibibytes = 8, .passes = 1, .lanes = 1};
constexpr std::string_view kSalt = "0123456789abcdef";

TEST(Passphrase, GivesTheSameKeyForTheSameWork) {
  const Result<Secret> key = stretch(Secret("correct horse"), kSalt, kQuick);
  ASSERT_TRUE(key);
  EXPECT_EQ(key->size(), 32u);
  const auto same = [&](std::string_view passphrase, std::string_view salt, Stretching work) {
    const Result<Secret> other = stretch(Secret(passphrase), salt, work);
    return other && other->equals(key->reveal());
  };
  EXPECT_TRUE(same("correct horse", kSalt, kQuick));
  EXPECT_FALSE(same("correct horsf", kSalt, kQuick));
  EXPECT_FALSE(same("correct horse", "0123456789abcdeg", kQuick));
  EXPECT_FALSE(same("correct horse", kSalt, {.kibibytes = 8, .passes = 2, .lanes = 1}));
}

TEST(Passphrase, IsRefusedWhenItIsTooShortOrTooLong) {
  for (const std::size_t size : {std::size_t{0}, kShortestPassphrase - 1, kLongestPassphrase + 1}) {
    const Result<Secret> key = stretch(Secret(std::string(size, 'x')), kSalt, kQuick);
    ASSERT_FALSE(key);
    EXPECT_EQ(key.error().param, "passphrase");
  }
  EXPECT_TRUE(stretch(Secret(std::string(kShortestPassphrase, 'x')), kSalt, kQuick));
}

TEST(Passphrase, UnreasonableWorkIsRefusedBeforeItIsDone) {
  const Secret passphrase("correct horse");
  for (const Stretching work : {Stretching{.kibibytes = 0xffffffff, .passes = 1, .lanes = 1},
                                Stretching{.kibibytes = 8, .passes = 0xffffffff, .lanes = 1},
                                Stretching{.kibibytes = 64, .passes = 1, .lanes = 5},
                                Stretching{.kibibytes = 0, .passes = 1, .lanes = 1},
                                Stretching{.kibibytes = 8, .passes = 0, .lanes = 1},
                                Stretching{.kibibytes = 8, .passes = 1, .lanes = 0}}) {
    EXPECT_FALSE(stretch(passphrase, kSalt, work));
  }
  EXPECT_FALSE(stretch(passphrase, "", kQuick));
  EXPECT_FALSE(stretch(passphrase, std::string(65, 's'), kQuick));
}

}  // namespace
}  // namespace wasat::account
