// How the pool behaves over time: half-open, tiers, weights, clocks that jump, storms,
// a restart, and the twenty credentials of which half are bad.

#include <cmath>

#include "pool/pool_test_case.h"

namespace wasat::pool {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;

class Behaviour : public PoolCase {
 protected:
  static gemini::Failure its_own() {
    return {.error = upstream_error(ErrorKind::kUpstreamFailed, Retry::kNextCredential, "its own"),
            .blame = gemini::Blame::kCredential};
  }
};

TEST_F(Behaviour, ServerFaultsRestFromFiveSecondsToHalfAnHour) {
  fill(1);
  for (const int expected : {5, 10, 20, 40, 80, 160, 320, 640, 1280, 1800, 1800}) {
    fail_on(1, its_own());
    const auto wait = lease().error().retry_after;
    ASSERT_TRUE(wait);
    EXPECT_GE(*wait, seconds(expected));
    EXPECT_LE(*wait, seconds(expected * 11 / 10 + 1));
    clock_.advance(*wait);
  }
}

TEST_F(Behaviour, BareRateLimitsRestUpToThreeQuartersOfAnHour) {
  fill(1);
  for (const int expected : {60, 120, 240, 480, 960, 1920, 2700, 2700}) {
    fail_on(1, bare_429());
    const auto wait = lease().error().retry_after;
    ASSERT_TRUE(wait);
    EXPECT_GE(*wait, seconds(expected));
    EXPECT_LE(*wait, seconds(expected * 11 / 10 + 1));
    clock_.advance(*wait);
  }
}

TEST_F(Behaviour, OneLeaseAtATimeUntilOneSucceeds) {
  fill(1);
  fail_on(1, its_own());
  clock_.advance(seconds(6));
  {
    Result<Lease> probe = lease();
    ASSERT_TRUE(probe);
    EXPECT_FALSE(lease());
    probe->settle(Outcome::abandoned());
  }
  Result<Lease> probe = lease();
  ASSERT_TRUE(probe) << "who left proved nothing";
  EXPECT_FALSE(lease());
  probe->settle(Outcome::success());
  Result<Lease> one = lease();
  Result<Lease> two = lease();
  EXPECT_TRUE(one && two);
}

TEST_F(Behaviour, OneLeaseAtATimeForAModelInDoubt) {
  fill(1);
  fail_on(1, bare_429(), "m");
  clock_.advance(seconds(70));
  Result<Lease> other = lease("other");
  Result<Lease> another = lease("other");
  EXPECT_TRUE(other && another) << "nobody doubts it for other models";
  Result<Lease> probe = lease("m");
  ASSERT_TRUE(probe);
  EXPECT_FALSE(lease("m"));
  probe->settle(Outcome::success());
  Result<Lease> one = lease("m");
  Result<Lease> two = lease("m");
  EXPECT_TRUE(one && two);
}

TEST_F(Behaviour, WhatTheUpstreamTimedNeedsNoProbe) {
  fill(1);
  fail_on(1, slow_down("10s"));
  clock_.advance(seconds(10));
  Result<Lease> one = lease();
  Result<Lease> two = lease();
  EXPECT_TRUE(one && two);
}

TEST_F(Behaviour, AnOldSuccessDoesNotEndANewRest) {
  fill(1);
  Result<Lease> long_stream = lease();
  fail_on(1, slow_down("30s"));
  long_stream->settle(Outcome::success());
  EXPECT_FALSE(lease());
}

TEST_F(Behaviour, AWallClockThatJumpsNeitherFreezesNorFrees) {
  fill(2);
  fail_on(1, slow_down("30s"));
  fail_on(2, no_quota_today());
  for (const hours jump : {hours(-30), hours(20), hours(-5)}) {
    clock_.jump(jump);
    pool_->tick();
    EXPECT_FALSE(lease_of(1)) << "a rest of seconds is reckoned in steady time";
    clock_.advance(seconds(9));
  }
  clock_.advance(seconds(3));
  EXPECT_TRUE(lease_of(1));
}

TEST_F(Behaviour, AWallClockThatIsSetRightEndsTheDay) {
  fill(1);
  fail_on(1, no_quota_today());
  // Set back: the day becomes no longer than it was.
  const auto wait = *lease().error().retry_after;
  clock_.jump(-hours(100));
  pool_->tick();
  clock_.advance(wait);
  EXPECT_TRUE(lease());
  // Set forward, beyond midnight: it is over, and one attempt shows if it is not.
  fail_on(1, no_quota_today());
  clock_.jump(hours(30));
  pool_->tick();
  EXPECT_TRUE(lease());
}

TEST_F(Behaviour, TiersServeInTheirOrder) {
  fill(0, {.providers = {"api_key", "code_assist"}});
  pool_->replace({make(1, {.provider = "code_assist"}), make(2), make(3, {.tier = 5}),
                  make(4, {.provider = "code_assist", .tier = -1})});
  constexpr std::array<std::string_view, 2> kBoth{"api_key", "code_assist"};
  const auto next = [&](std::span<const std::string_view> providers) {
    Result<Lease> leased = seat_->try_lease({.providers = providers, .model = "m"});
    return leased ? leased->credential().id() : "none";
  };
  for (const std::string expected : {"4", "2", "1", "3", "none"}) {
    EXPECT_EQ(next(kBoth), expected);
    if (expected != "none")
      pool_->set_state(*pool_->find(expected), CredentialState::kDisabled, "x");
  }
  pool_->reset(credential(4));
  EXPECT_EQ(next(kProviders), "none") << "only credentials of the providers that can serve";
  EXPECT_EQ(next(kBoth), "4");
}

TEST_F(Behaviour, TheProvidersOrderIsChangedLive) {
  fill(0, {.providers = {"api_key", "code_assist"}});
  pool_->replace({make(1, {.provider = "code_assist"}), make(2)});
  constexpr std::array<std::string_view, 2> kBoth{"api_key", "code_assist"};
  const Demand demand{.providers = kBoth, .model = "m"};
  EXPECT_EQ(seat_->try_lease(demand)->credential().id(), "2");
  pool_->configure({.providers = {"code_assist", "api_key"}});
  EXPECT_EQ(seat_->try_lease(demand)->credential().id(), "1");
}

TEST_F(Behaviour, WeightsShareTheLoad) {
  for (const Policy policy : {Policy::kWeighted, Policy::kThompson}) {
    fill(0, {.policy = policy});
    CredentialList list;
    for (std::size_t i = 1; i <= 20; ++i) list.push_back(make(i, {.weight = i <= 10 ? 3U : 1U}));
    pool_->replace(std::move(list));
    int heavy = 0;
    for (const auto& [id, count] : uses(8000)) heavy += std::stoi(id) <= 10 ? count : 0;
    EXPECT_NEAR(heavy, 6000, policy == Policy::kWeighted ? 200 : 500);
  }
}

TEST_F(Behaviour, AHundredThousandKeepTheirPromises) {
  for (const Policy policy : {Policy::kThompson, Policy::kRoundRobin, Policy::kLeastBusy,
                              Policy::kWeighted, Policy::kFillFirst}) {
    fill(0, {.policy = policy});
    CredentialList list;
    const Moment now = Moment::now(clock_);
    for (std::size_t i = 1; i <= 100'000; ++i) {
      list.push_back(make(i));
      if (i % 20 != 0) list.back()->cool({.until = now.wall + hours(1), .why = "x"}, now);
      // Of the others a few have quota left for this model.
      if (i % 20 == 0 && i % 1000 != 0) {
        list.back()->cool({.model = "m", .until = now.wall + hours(2), .why = "x"}, now);
      }
    }
    pool_->replace(std::move(list));
    EXPECT_EQ(uses(500).count("refused"), 0u);
    EXPECT_EQ(uses(500, "other").count("refused"), 0u);
    clock_.advance(hours(1));
    pool_->tick();
    EXPECT_GE(pool_->census().ready, 99'000u);
  }
}

TEST_F(Behaviour, LeastBusySpreadsWhatIsHeld) {
  fill(8, {.policy = Policy::kLeastBusy});
  std::vector<Lease> held;
  std::map<std::string, int> counts;
  for (int i = 0; i < 40; ++i) {
    held.push_back(std::move(*lease()));
    ++counts[held.back().credential().id()];
  }
  for (const auto& [id, count] : counts) EXPECT_EQ(count, 5) << id;
}

TEST_F(Behaviour, FillFirstFillsTheFirst) {
  fill(4, {.policy = Policy::kFillFirst});
  EXPECT_EQ(uses(10), (std::map<std::string, int>{{"1", 10}}));
  fail_on(1, slow_down("60s"));
  EXPECT_EQ(uses(10), (std::map<std::string, int>{{"2", 10}}));
  clock_.advance(seconds(60));
  EXPECT_EQ(uses(10), (std::map<std::string, int>{{"1", 10}}));
}

TEST_F(Behaviour, SlowCredentialsGetLess) {
  fill(8);
  for (int i = 0; i < 2000; ++i) {
    const int number = i % 8 + 1;
    Result<Lease> leased = lease_of(number);
    const auto began = clock_.now();
    leased->note_first_chunk(began + milliseconds(number == 1 ? 5000 : 300));
    leased->settle(Outcome::success());
    clock_.advance(milliseconds(10));
  }
  EXPECT_LT(uses(800)["1"], 50);
}

TEST_F(Behaviour, EmptyAnswersCount) {
  fill(8);
  for (int i = 0; i < 200; ++i) {
    for (int number = 2; number <= 8; ++number) succeed_on(number);
  }
  for (int i = 0; i < 1; ++i) fail_on(1, empty_answer());
  EXPECT_LT(uses(800)["1"], 60);
}

TEST_F(Behaviour, WhatIsBelievedFadesWithTime) {
  fill(1);
  for (int i = 0; i < 50; ++i) succeed_on(1);
  const auto now = [&] { return credential(1).belief(ticks_of(clock_.now())); };
  const float before = now().successes;
  clock_.advance(seconds(Posterior::kHalfLifeSeconds));
  EXPECT_NEAR(now().successes, before / 2, 0.5);
  clock_.advance(hours(24 * 365));
  EXPECT_FLOAT_EQ(now().successes, Belief::kPrior);
}

TEST_F(Behaviour, DrawsAreThoseOfABetaDistribution) {
  const BetaDraws draws;
  Random random(3);
  for (const Belief belief : {Belief{1, 1}, Belief{5, 2}, Belief{0.1F, 0.1F}, Belief{100, 3}}) {
    const std::array<Belief, BetaDraws::kAtOnce> same{belief, belief, belief, belief,
                                                      belief, belief, belief, belief};
    double sum = 0;
    double squares = 0;
    constexpr int kRounds = 20'000;
    for (int i = 0; i < kRounds; ++i) {
      std::array<float, BetaDraws::kAtOnce> odds{};
      draws.log_odds(same, random, odds);
      for (const float each : odds) {
        const double x = 1 / (1 + std::exp2(-static_cast<double>(each)));
        sum += x;
        squares += x * x;
      }
    }
    const double count = kRounds * BetaDraws::kAtOnce;
    const double a = belief.successes;
    const double b = belief.failures;
    EXPECT_NEAR(sum / count, a / (a + b), 0.01) << a;
    const double variance = a * b / ((a + b) * (a + b) * (a + b + 1));
    EXPECT_NEAR(squares / count - sum / count * (sum / count), variance, variance * 0.1 + 0.001)
        << a;
  }
}

TEST_F(Behaviour, WhatIsKnownSurvivesARestart) {
  fill(3);
  for (int i = 0; i < 20; ++i) succeed_on(2);
  fail_on(1, its_own());
  fail_on(3, no_quota_today());
  const CredentialList changed = pool_->take_changed();
  EXPECT_EQ(changed.size(), 3u);
  EXPECT_TRUE(pool_->take_changed().empty());
  CredentialList again;
  for (const CredentialPtr& each : changed) {
    again.push_back(make(std::stoul(each->id())));
    again.back()->take_over(*each, Moment::now(clock_));
  }
  pool_->replace(again);
  EXPECT_EQ(credential(2).counters().successes.load(), 20u);
  EXPECT_FALSE(lease_of(1));
  EXPECT_FALSE(lease_of(3));
  clock_.advance(seconds(6));
  Result<Lease> probe = lease_of(1);
  ASSERT_TRUE(probe);
  EXPECT_FALSE(lease_of(1)) << "still one at a time";
}

TEST_F(Behaviour, WhoIsReplacedHandsOnWhatWasLearnt) {
  fill(2);
  fail_on(1, slow_down("30s"));
  pool_->put({make(1, {.weight = 5})});
  EXPECT_FALSE(lease_of(1));
  EXPECT_EQ(credential(1).identity().weight, 5u);
  EXPECT_EQ(credential(1).counters().attempts(), 1u);
}

TEST_F(Behaviour, WhatIsRemovedStaysWhileItIsLeased) {
  fill(2);
  Result<Lease> held = lease_of(1);
  const std::weak_ptr<Credential> watched = pool_->find("1");
  pool_->remove(std::vector<std::string>{"1"});
  EXPECT_FALSE(lease_of(1));
  for (int i = 0; i < 3; ++i) {
    clock_.advance(minutes(2));
    pool_->tick();
  }
  EXPECT_FALSE(watched.expired());
  held->settle(Outcome::success());
  EXPECT_EQ(pool_->take_changed().size(), 1u) << "its health is stored all the same";
  pool_->tick();
  EXPECT_TRUE(watched.expired());
}

// Everybody has its own quota and runs out of it.
TEST_F(Behaviour, AStormOf429RefusesAtOnceAndEndsByItself) {
  fill(1000);
  int attempts = 0;
  for (int request = 0; request < 5000; ++request) {
    std::vector<const Credential*> tried;
    for (int i = 0; i < 8; ++i) {
      Result<Lease> leased = lease("m", tried);
      if (!leased) break;
      ++attempts;
      tried.push_back(&leased->credential());
      leased->settle(Outcome::failed(slow_down("30s")));
    }
  }
  EXPECT_EQ(attempts, 1000) << "each is asked once";
  EXPECT_EQ(lease().error().retry_after, seconds(30));
  EXPECT_TRUE(lease("other"));
  clock_.advance(seconds(30));
  EXPECT_EQ(uses(1000).count("refused"), 0u);
}

struct Twenty {
  enum class Kind : std::uint8_t { kGood, kDead, kFlaky, kOutOfQuota };
  std::array<Kind, 21> kinds{};
  WallTime quota_back{};

  void shuffle(Random& random) {
    kinds.fill(Kind::kGood);
    const auto place = [&](Kind kind, int count) {
      while (count > 0) {
        Kind& at = kinds[random.below(20) + 1];
        if (at != Kind::kGood) continue;
        at = kind;
        --count;
      }
    };
    place(Kind::kDead, 6);
    place(Kind::kFlaky, 4);
    place(Kind::kOutOfQuota, 2);
  }
};

// 6 dead, 4 failing 30 % at random, 2 out of quota, changing every few seconds.
TEST_F(Behaviour, TwentyCredentialsOfWhichHalfAreBadServeLikeOne) {
  fill(20);
  Random random(11);
  Twenty twenty;
  int attempts = 0;
  int failed = 0;
  constexpr int kWarmUp = 2000;
  constexpr int kRequests = 100'000;
  WallTime change = clock_.wall();
  for (int request = 0; request < kWarmUp + kRequests; ++request) {
    if (request == kWarmUp) attempts = failed = 0;
    if (clock_.wall() >= change) {
      twenty.shuffle(random);
      change = clock_.wall() + milliseconds(3000 + random.below(2000));
    }
    clock_.advance(milliseconds(4));
    std::vector<const Credential*> tried;
    bool answered = false;
    while (!answered && tried.size() < 8) {
      Result<Lease> leased = lease("m", tried);
      if (!leased) break;
      ++attempts;
      tried.push_back(&leased->credential());
      leased->note_first_chunk(clock_.now() + milliseconds(200 + random.below(300)));
      switch (twenty.kinds[std::stoul(leased->credential().id())]) {
        case Twenty::Kind::kDead:
          leased->settle(Outcome::failed(broken()));
          break;
        case Twenty::Kind::kOutOfQuota:
          leased->settle(Outcome::failed(slow_down("4s")));
          break;
        case Twenty::Kind::kFlaky:
          if (random.below(10) < 3) {
            leased->settle(Outcome::failed(random.below(2) == 0 ? broken() : empty_answer()));
            break;
          }
          [[fallthrough]];
        case Twenty::Kind::kGood:
          leased->settle(Outcome::success());
          answered = true;
      }
    }
    failed += answered ? 0 : 1;
  }
  EXPECT_LE(failed, 1);
  EXPECT_LE(attempts, kRequests * 105 / 100);
  RecordProperty("attempts", attempts);
}

}  // namespace
}  // namespace wasat::pool
