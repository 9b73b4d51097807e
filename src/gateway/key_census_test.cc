#include "gateway/key_census.h"

#include <gtest/gtest.h>

namespace wasat::gateway {
namespace {

class Counted : public testing::Test {
 protected:
  void fill(std::size_t count) {
    pool::CredentialList list;
    for (std::size_t i = 0; i < count; ++i) {
      const std::string id = "key-" + std::to_string(i);
      list.push_back(std::make_shared<pool::Credential>(pool::CredentialIdentity{
          .id = id, .provider = "api_key", .name = id, .secret = Secret(id)}));
    }
    pool.replace(std::move(list));
  }
  void disable(const std::string& id) {
    pool.set_state(*pool.find(id), pool::CredentialState::kDisabled, "for the test");
  }
  static Task<> take(Counted& test) {
    test.census = co_await test.counter.count();
    ++test.taken;
  }
  KeyCensus count() {
    TaskScope scope;
    scope.start(take(*this));
    loop.run_ready();
    return census;
  }

  ManualClock clock;
  pool::Pool pool{clock, {}, nullptr};
  net::Loop loop;
  KeyCounter counter{pool, clock, loop};
  KeyCensus census;
  int taken = 0;
};

TEST_F(Counted, ASmallPoolIsCountedAnew) {
  fill(3);
  EXPECT_EQ(count().active, 3);
  disable("key-1");
  const KeyCensus then = count();
  EXPECT_EQ(then.total, 3);
  EXPECT_EQ(then.active, 2);
  EXPECT_EQ(then.failed, 1);
  EXPECT_TRUE(then.serving);
  disable("key-0");
  disable("key-2");
  EXPECT_FALSE(count().serving);
}

TEST_F(Counted, ALargePoolOnceASecond) {
  fill(5 * kCredentialsInOneGo + 1);
  const auto all = static_cast<std::int64_t>(5 * kCredentialsInOneGo + 1);
  EXPECT_EQ(count().active, all);
  disable("key-7");
  EXPECT_EQ(count().active, all);  // as it was
  clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(count().active, all - 1);
  EXPECT_EQ(census.total, all);
}

TEST_F(Counted, ALargePoolLetsOthersRunBetween) {
  fill(4 * kCredentialsInOneGo);
  TaskScope scope;
  scope.start(take(*this));
  EXPECT_EQ(taken, 0);
  scope.start(take(*this));  // nothing is known yet: it counts as well
  bool others = false;
  loop.post([&] {
    others = true;
    EXPECT_EQ(taken, 0);
  });
  loop.run_ready();
  EXPECT_TRUE(others);
  EXPECT_EQ(taken, 2);

  clock.advance(std::chrono::seconds(2));
  disable("key-0");
  scope.start(take(*this));
  EXPECT_EQ(taken, 2);
  scope.start(take(*this));  // has what is known, and need not wait
  EXPECT_EQ(taken, 3);
  EXPECT_EQ(census.failed, 0);
  loop.run_ready();
  EXPECT_EQ(taken, 4);
  EXPECT_EQ(census.failed, 1);
}

}  // namespace
}  // namespace wasat::gateway
