// A node's connection over a pair of sockets: the test plays the node and the exchange.

#include "relay/node.h"

#include <gtest/gtest.h>
#include <sys/socket.h>

#include <functional>

namespace wasat::relay {
namespace {

using std::chrono::milliseconds;

class NodeTest : public ::testing::Test {
 protected:
  NodeTest() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    near_ = net::Stream(net::Socket(loop_, fds[0]));
    far_ = net::Stream(net::Socket(loop_, fds[1]));
    const int size = 32 * 1024;
    for (const int fd : fds) ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
    server_.emplace(ws::Role::kServer, near_, net::Block(), masks_, ws::ConnectionOptions());
    client_.emplace(ws::Role::kClient, far_, net::Block(), masks_, ws::ConnectionOptions());
  }

  void start(Options options = {}) {
    options.enabled = true;
    hub_.configure(options);
    seat_ = *hub_.join({.loop = loop_});
    node_.emplace(Node::Parts{.hub = hub_,
                              .seat = seat_,
                              .connection = *server_,
                              .protocol = make_applet_protocol(),
                              .loop = loop_,
                              .clock = clock_,
                              .options = hub_.options(),
                              .going_away = going_away_,
                              .cut = cut_});
    scope_.start(node_->run());
  }

  std::shared_ptr<Errand> give(std::string id, std::optional<Body> body = std::nullopt,
                               bool stream = true) {
    Question question{.id = std::move(id), .method = "POST", .path = "/p", .stream = stream};
    question.body = std::move(body);
    auto errand = std::make_shared<Errand>(std::move(question), seat_, loop_, clock_);
    EXPECT_TRUE(seat_->give(errand, loop_));
    return errand;
  }

  // Runs the loop until `what` is so; the node's end of the socket is read meanwhile.
  bool until(const std::function<bool()>& what, bool reads = true) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!what()) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      if (reads) hear();
      loop_.run_ready();
    }
    return true;
  }
  void hear() {
    if (hearing_.empty()) hearing_.start(hear_one());
  }
  Task<> hear_one() {
    const auto soon = std::chrono::steady_clock::now();
    const Result<ws::Connection::Batch> batch = co_await client_->read(soon, nullptr);
    if (!batch) co_return;
    for (const ws::Piece& piece : batch->pieces) {
      heard_ += piece.view();
      fragments_ += piece.room_before > 0 ? 1 : 0;
      if (piece.last) messages_.push_back(std::exchange(heard_, {}));
    }
    if (batch->close != nullptr) closed_ = batch->close->code;
  }
  // The node's word; `said` becomes true when the kernel has all of it.
  void say(std::string message) { saying_.start(say_it(std::move(message))); }
  Task<> say_it(std::string message) {
    const Result<> sent = co_await client_->send(ws::Opcode::kText, message, nullptr);
    if (sent) ++said_;
  }
  static std::string batch_of(std::string_view id, std::size_t bytes) {
    return R"({"id":")" + std::string(id) + R"(","stream":true,"type":"batch","chunks":[{"t":")" +
           std::string(bytes, 'x') + R"("}]})";
  }
  void end() { cut_.request(); }
  void TearDown() override {
    EXPECT_TRUE(
        until([&] { return scope_.empty() && saying_.empty() && hearing_.empty(); }, false));
  }

  net::Loop loop_;
  SystemClock clock_;
  pool::Pool pool_{clock_, {}, nullptr};
  Hub hub_{pool_, clock_, {.enabled = true}};
  ws::Masks masks_;
  net::Stream near_;
  net::Stream far_;
  std::optional<ws::Connection> server_;
  std::optional<ws::Connection> client_;
  Cancel going_away_;
  Cancel cut_;
  std::shared_ptr<NodeSeat> seat_;
  std::optional<Node> node_;
  TaskScope scope_;
  TaskScope hearing_;
  TaskScope saying_;
  std::string heard_;
  int fragments_ = 0;
  int said_ = 0;
  int closed_ = 0;
  std::vector<std::string> messages_;
};

TEST_F(NodeTest, AsksAndHandsTheAnswerOver) {
  start();
  const auto errand = give("one", Body::of(R"({"a":1})"));
  ASSERT_TRUE(until([&] { return messages_.size() == 1; }));
  EXPECT_EQ(messages_[0], R"({"id":"one","path":"/p","body":{"a":1},"method":"POST"})");
  EXPECT_EQ(hub_.running(), 1u);
  say(R"({"id":"one","success":true,"payload":{"b":2}})");
  ASSERT_TRUE(until([&] { return errand->ending() != nullptr; }));
  EXPECT_EQ(errand->take(nullptr).bytes->view(), R"({"b":2})");
  EXPECT_EQ(hub_.running(), 0u);
  EXPECT_EQ(hub_.nodes()[0].served, 1u);
  end();
}

TEST_F(NodeTest, ALargeBodyGoesOutInFragmentsAndWholeWhateverTheClientDoes) {
  start();
  const std::string text = "\"" + std::string(1 << 20, 'y') + "\"";
  const auto errand = give("one", Body::of(text));
  loop_.run_ready();
  // It has begun: what follows must be whole, or the node would understand nothing.
  errand->give_up();
  ASSERT_TRUE(until([&] { return messages_.size() == 2; }));
  EXPECT_EQ(messages_[0], R"({"id":"one","path":"/p","body":)" + text + R"(,"method":"POST"})");
  EXPECT_GE(fragments_, 16);
  EXPECT_EQ(messages_[1], R"({"type":"cancel","id":"one"})");
  end();
}

TEST_F(NodeTest, WhatWasGivenUpBeforeItWasSentIsNotSent) {
  start();
  const auto first = give("one", Body::of("\"" + std::string(1 << 20, 'y') + "\""));
  const auto second = give("two");
  second->give_up();
  const auto third = give("three");
  ASSERT_TRUE(until([&] { return messages_.size() == 2; }));
  EXPECT_NE(messages_[1].find("three"), std::string::npos);
  end();
}

TEST_F(NodeTest, AStreamAloneStallsItsNodeUntilItIsTaken) {
  start();
  const auto errand = give("one");
  const std::string message = batch_of("one", 100'000);
  std::size_t most = 0;
  for (int sent = 0; sent < 40; ++sent) {
    say(message);
    const bool went = until([&] {
      most = std::max(most, errand->waiting());
      return saying_.empty() || errand->waiting() > (1u << 20);
    });
    ASSERT_TRUE(went);
    if (!saying_.empty()) break;
  }
  // The node does not get rid of more.
  for (int i = 0; i < 100; ++i) loop_.run_ready();
  EXPECT_FALSE(saying_.empty());
  EXPECT_LT(errand->waiting(), (1u << 20) + 300'000);
  (void)errand->take(nullptr);
  EXPECT_TRUE(until([&] { return saying_.empty(); }));
  end();
}

TEST_F(NodeTest, OneOfSeveralThatIsTooFarAheadFailsAlone) {
  start({.window = 256 * 1024});
  const auto slow = give("slow");
  const auto other = give("other");
  for (int i = 0; i < 30 && slow->ending() == nullptr; ++i) {
    say(batch_of("slow", 100'000));
    ASSERT_TRUE(until([&] { return saying_.empty(); })) << "the socket never stalls";
  }
  ASSERT_NE(slow->ending(), nullptr);
  EXPECT_EQ(slow->ending()->kind, Errand::End::Kind::kBroken);
  say(batch_of("other", 10));
  EXPECT_TRUE(until([&] { return other->waiting() > 0; }));
  ASSERT_TRUE(until([&] { return messages_.size() == 3; }));
  EXPECT_EQ(messages_[2], R"({"type":"cancel","id":"slow"})");
  EXPECT_EQ(hub_.nodes()[0].too_slow, 1u);
  end();
}

TEST_F(NodeTest, OneOfSeveralThatIsNoStreamMayBeFarAhead) {
  start({.window = 256 * 1024});
  const auto slow = give("slow", std::nullopt, false);
  const auto other = give("other");
  say(R"({"id":"slow","success":true,"payload":")" + std::string(3'000'000, 'x') + "\"}");
  ASSERT_TRUE(until([&] { return saying_.empty() && slow->ending() != nullptr; }));
  EXPECT_EQ(slow->ending()->kind, Errand::End::Kind::kComplete);
  EXPECT_EQ(slow->waiting(), 3'000'002u);
  EXPECT_EQ(other->ending(), nullptr);
  end();
}

TEST_F(NodeTest, WhatItHasIsLostWithIt) {
  start();
  const auto errand = give("one");
  cut_.request();
  ASSERT_TRUE(until([&] { return scope_.empty(); }));
  ASSERT_NE(errand->ending(), nullptr);
  EXPECT_EQ(errand->ending()->error.retry, Retry::kNextCredential);
  EXPECT_EQ(errand->ending()->error.source, ErrorSource::kInternal) << "nobody is to blame";
  EXPECT_TRUE(seat_->gone());
  EXPECT_FALSE(seat_->give(errand, loop_));
  EXPECT_EQ(hub_.node_count(), 0u);
}

TEST_F(NodeTest, DrainsWhatItHas) {
  start();
  const auto errand = give("one");
  going_away_.request();
  const auto late = give("late");
  ASSERT_NE(late->ending(), nullptr) << "nothing new";
  ASSERT_TRUE(until([&] { return messages_.size() == 1; }));
  EXPECT_EQ(closed_, 0);
  say(R"({"id":"one","success":true,"payload":{}})");
  ASSERT_TRUE(until([&] { return closed_ != 0; }));
  EXPECT_EQ(closed_, 1001);
  EXPECT_EQ(errand->ending()->kind, Errand::End::Kind::kComplete);
  near_.socket().shutdown_both();
  EXPECT_TRUE(until([&] { return scope_.empty(); }, false));
}

TEST_F(NodeTest, AFloodIsAPolicyViolation) {
  start({.most_messages = 2});
  for (int i = 0; i < 21; ++i) say("ping");
  ASSERT_TRUE(until([&] { return closed_ != 0; }));
  EXPECT_EQ(closed_, 1008);
  near_.socket().shutdown_both();
  EXPECT_TRUE(until([&] { return scope_.empty(); }, false));
}

TEST(FloodTest, BytesBeyondTheRateWait) {
  ManualClock clock;
  Flood flood(1000, 1000, clock.now());
  EXPECT_EQ(flood.bytes(1000, clock.now()).count(), 0);
  EXPECT_EQ(flood.bytes(500, clock.now()), milliseconds(500));
  clock.advance(std::chrono::seconds(5));
  EXPECT_EQ(flood.bytes(1000, clock.now()).count(), 0);
  Flood any(1000, 0, clock.now());
  EXPECT_EQ(any.bytes(1u << 30, clock.now()).count(), 0);
}

}  // namespace
}  // namespace wasat::relay
