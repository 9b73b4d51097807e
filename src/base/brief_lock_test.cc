#include "base/brief_lock.h"

#include <gtest/gtest.h>

#include <mutex>
#include <thread>
#include <vector>

namespace wasat {
namespace {

TEST(BriefLock, LetsOneInAtATimeAndWakesWhoWaits) {
  BriefLock lock;
  int count = 0;
  std::vector<std::thread> threads;
  threads.reserve(4);
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 20'000; ++round) {
        const std::lock_guard guard(lock);
        const int before = count;
        if (round % 64 == 0) std::this_thread::yield();  // the others find it taken
        count = before + 1;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(count, 80'000);
}

}  // namespace
}  // namespace wasat
