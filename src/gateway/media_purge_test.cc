#include "gateway/media_purge.h"

#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/temp_folder.h"

namespace wasat::gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kName = "A1b2C3d4E5f6G7h8I9j0K1l2-1.png";
constexpr std::string_view kOther = "A1b2C3d4E5f6G7h8I9j0K1l2-2.png";

// Ends the loop once the compute thread has done all that it was given before.
class Ending final : net::TimerEntry {
 public:
  Ending(net::Loop& loop, net::Compute& compute) : loop_(loop), compute_(compute) {}
  void after(milliseconds time) {
    loop_.schedule(*this, std::chrono::steady_clock::now() + time);
    loop_.run();
  }

 private:
  void expired() override {
    compute_.post([this] { loop_.stop(); });
  }
  net::Loop& loop_;
  net::Compute& compute_;
};

TEST(MediaPurge, WhatIsTooOldGoesThoughNobodyAsks) {
  const TempFolder folder;
  ManualClock clock;
  const auto media =
      MediaCache::open({.folder = folder.file("media"), .age = seconds(60), .bytes = 100}, clock)
          .value();
  ASSERT_TRUE(media->make_folder());
  const auto is_there = [&folder](std::string_view name) {
    return std::filesystem::exists(folder.file("media/" + std::string(name)));
  };
  net::Loop loop;
  net::Compute compute;
  MediaPurge purge(loop, compute, *media);
  Ending ending(loop, compute);
  constexpr milliseconds kEvery = net::TimerWheel::kTick;

  ASSERT_TRUE(media->keep(kName, to_base64("abc")));
  clock.advance(seconds(40));
  ASSERT_TRUE(media->keep(kOther, to_base64("def")));
  purge.start(kEvery);
  ending.after(3 * kEvery);
  EXPECT_TRUE(is_there(kName));

  clock.advance(seconds(21));
  ending.after(3 * kEvery);
  EXPECT_FALSE(is_there(kName));
  EXPECT_TRUE(is_there(kOther));

  // It goes on.
  clock.advance(seconds(40));
  ending.after(3 * kEvery);
  EXPECT_FALSE(is_there(kOther));
}

}  // namespace
}  // namespace wasat::gateway
