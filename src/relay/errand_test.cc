// The two ends of an errand: on one loop, and on threads of their own.

#include "relay/errand.h"

#include <gtest/gtest.h>

#include <thread>

#include "base/task.h"
#include "relay/node_seat.h"

namespace wasat::relay {
namespace {

using Framing = NodeEvents::Framing;

// A node's end that keeps what it is told.
struct FakeEnd final : NodeEnd {
  void take(std::shared_ptr<Errand> errand) override { taken.push_back(std::move(errand)); }
  void forget(const std::shared_ptr<Errand>&) override { ++forgotten; }
  void look_again() override { ++looked; }
  void tell_count(std::size_t) override {}
  void drain() override {}
  void close(std::uint16_t, std::string_view) override {}
  void go_on() override {}

  std::vector<std::shared_ptr<Errand>> taken;
  int forgotten = 0;
  int looked = 0;
};

class ErrandTest : public ::testing::Test {
 protected:
  ErrandTest() { seat_->sit(end_); }
  ~ErrandTest() override { seat_->leave(); }

  std::shared_ptr<Errand> errand() {
    Question question;
    question.id = "id";
    return std::make_shared<Errand>(std::move(question), seat_, loop_, clock_);
  }
  static std::string text(const Errand::Taken& taken) {
    return taken.bytes != nullptr ? std::string(taken.bytes->view()) : "";
  }

  net::Loop loop_;
  ManualClock clock_;
  FakeEnd end_;
  std::shared_ptr<NodeSeat> seat_ = std::make_shared<NodeSeat>(NodeSeat::Identity{}, loop_);
};

TEST_F(ErrandTest, ChunksAreEventsOnOneLineEach) {
  const auto one = errand();
  one->began({.framing = Framing::kChunks});
  one->piece("{\"a\":\r\n", false);
  one->piece("1}", true);
  one->began({.status = 500, .framing = Framing::kBody});  // says no more than that it lives
  one->piece("{}", true);
  const Errand::Taken taken = one->take(nullptr);
  EXPECT_EQ(text(taken), "data: {\"a\":  1}\n\ndata: {}\n\n");
  EXPECT_EQ(taken.ends, (std::vector<std::size_t>{17, 27}));
  EXPECT_EQ(taken.end, nullptr);
  EXPECT_EQ(one->head()->status, 200);
  EXPECT_EQ(one->waiting(), 0u);
}

TEST_F(ErrandTest, NothingFollowsTheEndNorWhatWasGivenUp) {
  const auto one = errand();
  one->began({.framing = Framing::kBody});
  one->piece("abc", false);
  one->end({});
  one->piece("d", false);
  one->end(Errand::End::broken(node_lost()));
  const Errand::Taken taken = one->take(nullptr);
  EXPECT_EQ(text(taken), "abc");
  EXPECT_EQ(taken.end->kind, Errand::End::Kind::kComplete);
  one->give_up();
  EXPECT_EQ(end_.forgotten, 0) << "the node has nothing to forget";

  const auto other = errand();
  other->began({.framing = Framing::kBody});
  other->piece("abc", false);
  other->give_up();
  other->give_up();
  EXPECT_EQ(end_.forgotten, 1);
  EXPECT_EQ(other->piece("d", false), 0u);
}

TEST_F(ErrandTest, ThePiecesBeforeTheHeadAreNothing) {
  const auto one = errand();
  EXPECT_EQ(one->piece("abc", true), 0u);
  EXPECT_EQ(one->take(nullptr).bytes, nullptr);
}

TEST_F(ErrandTest, MuchThatWaitsIsTakenInSeveralBuffers) {
  const auto one = errand();
  one->began({.framing = Framing::kChunk});
  std::string all;
  for (char c = 'a'; c < 'h'; ++c) {
    all += std::string(300'000, c);
    EXPECT_EQ(one->piece(std::string(300'000, c), false), all.size());
  }
  EXPECT_TRUE(one->tell_when_taken());
  one->end({});
  std::string got;
  for (int takes = 0; got.size() < all.size(); ++takes) {
    ASSERT_LT(takes, 3);
    EXPECT_EQ(end_.looked, 0);
    const Errand::Taken taken = one->take(nullptr);
    EXPECT_LE(taken.bytes->size(), 1u << 20);
    got += text(taken);
    EXPECT_EQ(one->waiting(), all.size() - got.size());
    EXPECT_EQ(taken.end != nullptr, got.size() == all.size());
  }
  EXPECT_EQ(got, all);
  EXPECT_EQ(end_.looked, 1);
  one->give_up();
  EXPECT_EQ(one->waiting(), 0u);
}

TEST_F(ErrandTest, TheNodeIsToldOnceWhenAllWasTaken) {
  const auto one = errand();
  one->began({.framing = Framing::kBody});
  EXPECT_FALSE(one->tell_when_taken());
  one->piece("abc", false);
  EXPECT_TRUE(one->tell_when_taken());
  (void)one->take(nullptr);
  (void)one->take(nullptr);
  EXPECT_EQ(end_.looked, 1);
}

TEST_F(ErrandTest, OneWakeUpTellsOfAllThatCame) {
  const auto one = errand();
  int woken = 0;
  std::string got;
  const auto wait = [&]() -> Task<> {
    EXPECT_EQ(co_await one->wait(net::kNoDeadline, nullptr), net::Wake::kReady);
    ++woken;
    got = text(one->take(nullptr));
  };
  TaskScope scope;
  scope.start(wait());
  one->began({.framing = Framing::kChunks});
  one->piece("1", true);
  one->piece("2", true);
  EXPECT_EQ(woken, 0) << "never from within the node's call";
  loop_.run_ready();
  EXPECT_EQ(woken, 1);
  EXPECT_EQ(got, "data: 1\n\ndata: 2\n\n");
}

TEST_F(ErrandTest, AWaitEndsByItsCancelAndAWakeUpThatComesTooLateIsNothing) {
  const auto one = errand();
  Cancel cancel;
  std::optional<net::Wake> wake;
  const auto wait = [&]() -> Task<> { wake = co_await one->wait(net::kNoDeadline, &cancel); };
  TaskScope scope;
  scope.start(wait());
  one->end({});
  cancel.request();
  EXPECT_EQ(wake, net::Wake::kCancelled);
  loop_.run_ready();
}

// The node's end in one thread, the asking end in another, as fast as they can.
TEST(ErrandThreads, AllThatIsPutInComesOutInOrder) {
  constexpr int kPieces = 20'000;
  SystemClock clock;
  net::Loop asking;
  net::Loop serving;
  FakeEnd end;
  const auto seat = std::make_shared<NodeSeat>(NodeSeat::Identity{}, serving);
  Question question;
  question.id = "id";
  const auto one = std::make_shared<Errand>(std::move(question), seat, asking, clock);
  std::string expected;
  for (int i = 0; i < kPieces; ++i) expected += std::to_string(i) + ",";

  std::thread server([&] {
    serving.post([&] {
      seat->sit(end);
      one->began({.framing = Framing::kBody});
      for (int i = 0; i < kPieces; ++i) {
        one->piece(std::to_string(i) + ",", false);
        if (i % 100 == 0) (void)one->tell_when_taken();
      }
      one->end({});
    });
    serving.run();
  });
  std::string got;
  const auto ask = [&]() -> Task<> {
    std::unique_ptr<Buffer> spare;
    for (bool ended = false; !ended;) {
      const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
      EXPECT_EQ(co_await one->wait(deadline, nullptr), net::Wake::kReady);
      Errand::Taken taken = one->take(std::move(spare));
      if (taken.bytes != nullptr) got += taken.bytes->view();
      ended = taken.end != nullptr;
      spare = std::move(taken.bytes);
    }
    asking.stop();
  };
  TaskScope scope;
  asking.post([&] { scope.start(ask()); });
  asking.run();
  serving.post([&] { seat->leave(); });
  serving.stop();
  server.join();
  EXPECT_EQ(got, expected);
}

}  // namespace
}  // namespace wasat::relay
