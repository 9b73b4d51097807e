#include "gateway/trust.h"

#include <gtest/gtest.h>

namespace wasat::gateway {
namespace {

TEST(Trust, IsTheOperatorsOrTheTokens) {
  struct Row {
    RelayTrust trust;
    bool token_allows, nothing_else, serves;
  };
  constexpr Row kRows[] = {
      // clang-format off
      {RelayTrust::kAuto,   false, false, false},
      {RelayTrust::kAuto,   false, true,  true},
      {RelayTrust::kAuto,   true,  false, true},
      {RelayTrust::kAuto,   true,  true,  true},
      {RelayTrust::kAll,    false, false, true},
      {RelayTrust::kAll,    false, true,  true},
      {RelayTrust::kAll,    true,  false, true},
      {RelayTrust::kAll,    true,  true,  true},
      {RelayTrust::kTokens, false, false, false},
      {RelayTrust::kTokens, false, true,  false},
      {RelayTrust::kTokens, true,  false, true},
      {RelayTrust::kTokens, true,  true,  true},
      // clang-format on
  };
  for (const Row& row : kRows) {
    EXPECT_EQ(trusts_relay(row.trust, row.token_allows, row.nothing_else), row.serves)
        << static_cast<int>(row.trust) << row.token_allows << row.nothing_else;
  }
}

}  // namespace
}  // namespace wasat::gateway
