#include "gateway/models_cache.h"

#include <gtest/gtest.h>

namespace wasat::gateway {
namespace {

using From = ModelsCache::From;
constexpr std::string_view kOwn = R"({"models":[{"name":"models/gemini-2.5-flash"}]})";
constexpr std::string_view kForged = R"({"models":[{"name":"models/gemini-9-forged"}]})";

class ModelsCacheTest : public testing::Test {
 protected:
  std::string fresh(From from) const { return text(cache.fresh("k", from)); }
  std::string stale(From from) const { return text(cache.stale("k", from)); }
  static std::string text(const std::shared_ptr<const Buffer>& answer) {
    return answer != nullptr ? std::string(answer->view()) : "";
  }
  ManualClock clock;
  ModelsCache cache{clock, std::chrono::seconds(600)};
};

TEST_F(ModelsCacheTest, WhatANodeToldIsForThoseWhoTrustIt) {
  cache.put("k", kForged, From::kAnybody);
  EXPECT_EQ(fresh(From::kUpstream), "");
  EXPECT_EQ(stale(From::kUpstream), "");
  EXPECT_EQ(fresh(From::kAnybody), kForged);
  EXPECT_FALSE(cache.knows("gemini-9-forged").value_or(false)) << "names decide what others ask";
  cache.put("k", kOwn, From::kUpstream);
  EXPECT_EQ(fresh(From::kUpstream), kOwn);
  EXPECT_EQ(fresh(From::kAnybody), kOwn) << "the upstream's own word goes before";
  EXPECT_TRUE(cache.knows("gemini-2.5-flash").value_or(false));
}

TEST_F(ModelsCacheTest, AFreshListOfANodeIsBetterThanAnOldOne) {
  cache.put("k", kOwn, From::kUpstream);
  clock.advance(std::chrono::seconds(601));
  EXPECT_EQ(fresh(From::kAnybody), "");
  EXPECT_EQ(stale(From::kAnybody), kOwn);
  cache.put("k", kForged, From::kAnybody);
  EXPECT_EQ(fresh(From::kAnybody), kForged);
  EXPECT_EQ(fresh(From::kUpstream), "");
  EXPECT_EQ(stale(From::kUpstream), kOwn);
}

}  // namespace
}  // namespace wasat::gateway
