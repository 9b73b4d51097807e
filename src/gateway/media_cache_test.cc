#include "gateway/media_cache.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/temp_folder.h"

namespace wasat::gateway {
namespace {

constexpr std::string_view kName = "A1b2C3d4E5f6G7h8I9j0K1l2-1.png";
constexpr std::string_view kOther = "A1b2C3d4E5f6G7h8I9j0K1l2-2.png";

std::unique_ptr<MediaCache> open(const TempFolder& folder, const Clock& clock,
                                 std::uint64_t bytes = 100) {
  auto cache = MediaCache::open(
      {.folder = folder.file("media"), .age = std::chrono::seconds(60), .bytes = bytes}, clock);
  EXPECT_TRUE(cache.has_value());
  EXPECT_TRUE((*cache)->make_folder());
  return std::move(*cache);
}

TEST(MediaCache, GivesBackWhatItKept) {
  const TempFolder folder;
  const ManualClock clock;
  const auto cache = open(folder, clock);
  EXPECT_TRUE(cache->keep(kName, to_base64("abc")).has_value());
  EXPECT_EQ(cache->read(kName), "abc");
  EXPECT_EQ(cache->read(kOther), std::nullopt);
  EXPECT_EQ(mode_of(folder.file("media")) & 077u, 0u);
}

TEST(MediaCache, NamesCannotBeGuessedAndLeadNowhereElse) {
  const TempFolder folder;
  const ManualClock clock;
  const auto cache = open(folder, clock);
  const std::string base = MediaCache::new_base("https://gw.example");
  constexpr std::string_view kBase = "https://gw.example/media/";
  EXPECT_TRUE(base.starts_with(kBase));
  EXPECT_EQ(base.size(), kBase.size() + 24);
  EXPECT_NE(base, MediaCache::new_base("https://gw.example"));
  EXPECT_EQ(MediaCache::new_base(""), "");
  EXPECT_TRUE(MediaCache::is_name(base.substr(kBase.size()) + "-1.png"));
  write_file(folder.file("media/secret"), "secret");
  for (const char* name :
       {"", "..", "../wasat.db", "secret", "a.png", ".png", "A1b2C3d4E5f6G7h8I9j0K1l2-1.html",
        "A1b2C3d4E5f6G7h8I9j0K1l2-1.svg", "A1b2C3d4E5f6G7h8I9j0K1l2/../x.png",
        "A1b2C3d4E5f6G7h8I9j0K1l2-1.png.png"}) {
    EXPECT_FALSE(MediaCache::is_name(name)) << name;
    EXPECT_EQ(cache->read(name), std::nullopt) << name;
  }
}

TEST(MediaCache, WhatIsTooOldGoes) {
  const TempFolder folder;
  ManualClock clock;
  const auto cache = open(folder, clock);
  EXPECT_TRUE(cache->keep(kName, to_base64("abc")).has_value());
  clock.advance(std::chrono::seconds(59));
  EXPECT_EQ(cache->read(kName), "abc");
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(cache->read(kName), std::nullopt);
  EXPECT_FALSE(std::filesystem::exists(folder.file("media/" + std::string(kName))));
}

TEST(MediaCache, TheOldestMakeRoom) {
  const TempFolder folder;
  const ManualClock clock;
  const auto cache = open(folder, clock, 5);
  EXPECT_TRUE(cache->keep(kName, to_base64("abc")).has_value());
  EXPECT_TRUE(cache->keep(kOther, to_base64("def")).has_value());
  EXPECT_EQ(cache->read(kName), std::nullopt);
  EXPECT_EQ(cache->read(kOther), "def");
}

TEST(MediaCache, FindsWhatAnEarlierRunLeft) {
  const TempFolder folder;
  const SystemClock clock;
  EXPECT_TRUE(open(folder, clock)->keep(kName, to_base64("abc")).has_value());
  write_file(folder.file("media/" + std::string(kOther) + ".part"), "half");
  const auto cache = open(folder, clock);
  EXPECT_EQ(cache->read(kName), "abc");
  EXPECT_FALSE(std::filesystem::exists(folder.file("media/" + std::string(kOther) + ".part")));
  // A lower bound holds for that, too.
  (void)open(folder, clock, 2);
  EXPECT_FALSE(std::filesystem::exists(folder.file("media/" + std::string(kName))));
}

TEST(MediaCache, ThereIsNoFolderUntilItIsAskedFor) {
  const TempFolder folder;
  const ManualClock clock;
  const auto cache = MediaCache::open({.folder = folder.file("deep/media")}, clock);
  ASSERT_TRUE(cache);
  EXPECT_FALSE(std::filesystem::exists(folder.file("deep")));
  EXPECT_TRUE((*cache)->make_folder());
  EXPECT_TRUE((*cache)->make_folder());
  EXPECT_TRUE((*cache)->keep(kName, to_base64("abc")));
  write_file(folder.file("file"), "");
  const auto misplaced = MediaCache::open({.folder = folder.file("file/media")}, clock);
  ASSERT_TRUE(misplaced);
  EXPECT_NE((*misplaced)->make_folder().error().detail.find("MEDIA_FOLDER"), std::string::npos);
}

TEST(MediaCache, NewLimitsHoldForWhatThereIs) {
  const TempFolder folder;
  ManualClock clock;
  const auto cache = open(folder, clock);
  EXPECT_TRUE(cache->keep(kName, to_base64("abc")));
  EXPECT_TRUE(cache->keep(kOther, to_base64("def")));
  cache->set_limits(std::chrono::seconds(60), 3);
  EXPECT_EQ(cache->read(kName), std::nullopt);
  EXPECT_EQ(cache->read(kOther), "def");
  clock.advance(std::chrono::seconds(30));
  cache->set_limits(std::chrono::seconds(20), 3);
  EXPECT_EQ(cache->purge_interval(), std::chrono::seconds(5));
  cache->purge();
  EXPECT_FALSE(std::filesystem::exists(folder.file("media/" + std::string(kOther))));
}

TEST(MediaCache, WhatIsNoBase64OrCannotBeWrittenIsAnError) {
  const TempFolder folder;
  const ManualClock clock;
  const auto cache = open(folder, clock);
  EXPECT_FALSE(cache->keep(kName, "*").has_value());
  EXPECT_FALSE(cache->keep("x.png", "AAAA").has_value());
  std::filesystem::remove_all(folder.file("media"));
  EXPECT_EQ(cache->keep(kName, "AAAA").error().kind, ErrorKind::kInternal);
}

}  // namespace
}  // namespace wasat::gateway
