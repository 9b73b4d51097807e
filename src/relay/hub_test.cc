// Who is in the hub, and what the pool and the nodes learn of it, and when.

#include "relay/hub.h"

#include <gtest/gtest.h>

#include <functional>
#include <utility>

namespace wasat::relay {
namespace {

using std::chrono::milliseconds;

struct CountingEnd final : NodeEnd {
  void take(std::shared_ptr<Errand>) override {}
  void forget(const std::shared_ptr<Errand>&) override {}
  void look_again() override {}
  void tell_count(std::size_t nodes) override { counts.push_back(nodes); }
  void drain() override { drained = true; }
  void close(std::uint16_t code, std::string_view) override { closed = code; }
  void go_on() override {}

  std::vector<std::size_t> counts;
  bool drained = false;
  int closed = 0;
};

struct KnownTokens final : Admission {
  Result<Admitted> admit(std::string_view, std::string_view) override { return Admitted{}; }
  bool knows(std::string_view token_id) const override { return token_id != gone; }
  std::string gone;
};

// The pool asks for the time while it takes nodes in, outside the hub's lock.
struct PoolClock final : Clock {
  explicit PoolClock(const Clock& time) : time(time) {}
  Steady now() const override {
    if (meanwhile) std::exchange(meanwhile, nullptr)();
    return time.now();
  }
  Wall wall() const override { return time.wall(); }
  const Clock& time;
  mutable std::function<void()> meanwhile;
};

class HubTest : public ::testing::Test {
 protected:
  Result<std::shared_ptr<NodeSeat>> try_join(std::string name, std::string token = "t") {
    Hub::Newcomer newcomer{.loop = loop_};
    newcomer.name = std::move(name);
    newcomer.admitted.token_id = std::move(token);
    return hub_.join(std::move(newcomer));
  }
  std::shared_ptr<NodeSeat> join(std::string name, std::string token = "t") {
    return *try_join(std::move(name), std::move(token));
  }
  void attend(milliseconds after = milliseconds(100)) {
    clock_.advance(after);
    hub_.attend();
    loop_.run_ready();
  }

  net::Loop loop_;
  ManualClock clock_;
  PoolClock pool_clock_{clock_};
  pool::Pool pool_{pool_clock_, {}, nullptr};
  Hub hub_{pool_, clock_, {.enabled = true, .most_nodes = 3}};
};

TEST_F(HubTest, ANodeIsInThePoolFromItsJoiningToItsLeave) {
  CountingEnd end;
  const auto seat = join("home");
  seat->sit(end);
  EXPECT_EQ(pool_.find("relay-home"), nullptr) << "not on the node's worker";
  EXPECT_EQ(hub_.node_count(), 0u) << "it can be given nothing yet";
  EXPECT_EQ(hub_.nodes().size(), 1u);
  attend();
  EXPECT_EQ(hub_.node_count(), 1u);
  ASSERT_NE(pool_.find("relay-home"), nullptr);
  EXPECT_EQ(seat_of(*pool_.find("relay-home")), seat);
  EXPECT_EQ(end.counts, (std::vector<std::size_t>{1}));
  seat->leave();
  hub_.leave(seat, "closed");
  EXPECT_FALSE(pool_.find("relay-home")->serves()) << "at once";
  attend();
  EXPECT_EQ(pool_.find("relay-home"), nullptr);
  EXPECT_EQ(hub_.node_count(), 0u);
}

TEST_F(HubTest, InAStormTheCountIsToldOnceASecond) {
  CountingEnd end;
  const auto seat = join("a");
  seat->sit(end);
  attend();
  for (int i = 0; i < 8; ++i) {
    const auto other = join("b");
    attend(milliseconds(50));
    hub_.leave(other, "closed");
    attend(milliseconds(50));
  }
  EXPECT_EQ(end.counts, (std::vector<std::size_t>{1}));
  attend(milliseconds(1000));
  EXPECT_EQ(end.counts, (std::vector<std::size_t>{1, 1}));
  seat->leave();
}

TEST_F(HubTest, WhoJoinsWhileThePoolTakesAnotherInIsToldOfToo) {
  CountingEnd one;
  CountingEnd two;
  const auto first = join("a");
  first->sit(one);
  std::shared_ptr<NodeSeat> second;
  pool_clock_.meanwhile = [&] {
    second = join("b");
    second->sit(two);
  };
  attend();
  ASSERT_NE(second, nullptr);
  EXPECT_EQ(one.counts, (std::vector<std::size_t>{1}));
  attend(milliseconds(1000));
  attend(milliseconds(1000));
  EXPECT_EQ(one.counts, (std::vector<std::size_t>{1, 2}));
  EXPECT_EQ(two.counts.back(), 2u);
  first->leave();
  second->leave();
}

TEST_F(HubTest, AttendSaysWhenItWantsToBeCalledAgain) {
  EXPECT_EQ(hub_.attend(), Clock::Steady::max());
  const auto seat = join("a");
  EXPECT_EQ(hub_.attend(), Clock::Steady::max());
  const auto other = join("b");
  EXPECT_GT(hub_.attend(), clock_.now()) << "the pool rests between two changes";
  EXPECT_LT(hub_.attend(), clock_.now() + milliseconds(100));
}

TEST_F(HubTest, ANameGoesOverWithItsTokenAlone) {
  CountingEnd end;
  const auto first = join("home", "mine");
  first->sit(end);
  EXPECT_EQ(join("home", "another's")->identity().id, "relay-home-2");
  EXPECT_EQ(join("home", "")->identity().id, "relay-home-3");
  const auto again = join("home", "mine");
  EXPECT_EQ(again->identity().id, "relay-home") << "though there are as many as may be";
  EXPECT_EQ(end.closed, 0) << "not before the pool has the newcomer";
  attend();
  EXPECT_EQ(end.closed, 1000);
  first->leave();
  hub_.leave(first, "closed");
  attend();
  ASSERT_NE(pool_.find("relay-home"), nullptr);
  EXPECT_EQ(seat_of(*pool_.find("relay-home")), again);
  EXPECT_TRUE(pool_.find("relay-home")->serves());
}

TEST_F(HubTest, WhoTakesAPlaceIsCountedOnce) {
  const auto first = join("home");
  attend();
  const auto again = join("home");
  EXPECT_EQ(hub_.node_count(), 1u) << "the first one serves until the pool has the other";
  attend();
  hub_.leave(first, "replaced");
  EXPECT_EQ(hub_.node_count(), 1u);
  hub_.leave(again, "closed");
  EXPECT_EQ(hub_.node_count(), 0u);
}

TEST_F(HubTest, ANameStaysItsTokensWhileItsNodeIsAway) {
  KnownTokens tokens;
  hub_.set_admission(tokens);
  const auto visit = [&](const char* name, const char* token) {
    const auto seat = join(name, token);
    hub_.leave(seat, "closed");
    return seat->identity().id;
  };
  EXPECT_EQ(visit("home", "mine"), "relay-home");
  EXPECT_EQ(visit("home", "another's"), "relay-home-2");
  EXPECT_EQ(visit("home", ""), "relay-home-3") << "without a token no name is anybody's";
  EXPECT_EQ(visit("home", "a third one's"), "relay-home-3");
  EXPECT_EQ(visit("home", "another's"), "relay-home-2") << "each finds its own again";
  EXPECT_EQ(visit("home", "mine"), "relay-home");
  tokens.gone = "mine";
  EXPECT_EQ(visit("home", "a new one"), "relay-home") << "a token was replaced by another";
  EXPECT_EQ(visit("home", "mine"), "relay-home-4") << "what it had is the new one's now";
}

TEST_F(HubTest, ANameIsItsTokensFromBeforeTheStart) {
  struct Taken final : NodeListener {
    void joined(const NodeStatus&) override {}
    void left(const NodeStatus&, std::string_view) override {}
    void name_taken(const NodeStatus& node) override {
      names += node.id + " " + node.token_id + "\n";
    }
    std::string names;
  } taken;
  hub_.set_listener(taken);
  hub_.keep_name("relay-home", "mine");
  EXPECT_EQ(join("home", "another's")->identity().id, "relay-home-2");
  const auto first = join("home", "mine");
  EXPECT_EQ(first->identity().id, "relay-home");
  EXPECT_EQ(taken.names, "relay-home-2 another's\n") << "the other one is known already";
  hub_.leave(first, "closed");
  const auto nameless = join("", "mine");
  EXPECT_EQ(taken.names, "relay-home-2 another's\n") << "a drawn name is nobody's";
  hub_.leave(nameless, "closed");
  EXPECT_EQ(join("home", "mine")->identity().id, "relay-home");
}

TEST(NodeNames, OfManyTheLastOnesAreKept) {
  Names names;
  for (std::size_t i = 0; i <= Names::kMost; ++i) names.keep("relay-" + std::to_string(i), "t");
  EXPECT_EQ(names.owner("relay-0"), "");
  EXPECT_EQ(names.owner("relay-1"), "t");
  EXPECT_FALSE(names.keep("relay-1", "t")) << "that was known";
  names.keep("relay-x", "t");
  EXPECT_EQ(names.owner("relay-1"), "t") << "the last time counts";
  EXPECT_EQ(names.owner("relay-2"), "");
  EXPECT_TRUE(names.keep("relay-1", "u"));
  EXPECT_EQ(names.owner("relay-1"), "u");
}

TEST_F(HubTest, NoMoreThanMayBe) {
  join("a");
  join("b");
  const auto third = join("");
  const auto refused = try_join("d");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::kRateLimited);
  hub_.leave(third, "closed");
  EXPECT_TRUE(try_join("d"));
}

TEST_F(HubTest, WhenItIsSwitchedOffTheNodesLeave) {
  CountingEnd end;
  const auto seat = join("a");
  seat->sit(end);
  hub_.configure({.enabled = false});
  loop_.run_ready();
  EXPECT_TRUE(end.drained);
  EXPECT_FALSE(try_join("b"));
  seat->leave();
}

TEST_F(HubTest, NamesAreMadePlain) {
  EXPECT_EQ(join("a b\"\n/\xff")->identity().name, "a-b----");
  EXPECT_EQ(join(std::string(500, 'x'))->identity().name.size(), 48u);
}

TEST_F(HubTest, WhoLeavesBeforeThePoolKnewItIsNeverThere) {
  const auto seat = join("a");
  hub_.leave(seat, "closed");
  attend();
  EXPECT_TRUE(pool_.credentials()->empty());
  EXPECT_EQ(hub_.totals().joined, 1u);
}

}  // namespace
}  // namespace wasat::relay
