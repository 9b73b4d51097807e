// Client and Server against each other on loopback, one loop.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>

#include "http/client.h"
#include "http/server.h"
#include "net/listener.h"

namespace wasat::http {
namespace {

using std::chrono::seconds;

class FunctionHandler final : public Handler {
 public:
  std::function<Task<>(ServerRequest&, ServerResponse&)> function;
  Task<> handle(ServerRequest& request, ServerResponse& response) override {
    return function(request, response);
  }
  std::string refusal(const Error& error, std::string_view) override {
    return "refused: " + error.detail;
  }
};

class ClientServerTest : public ::testing::Test {
 protected:
  ClientServerTest() {
    listening_ = net::open_listening_socket("127.0.0.1", 0).value();
    upstream_.origin = {false, "127.0.0.1", net::local_port(listening_)};
    options_.linger = std::chrono::milliseconds(200);
  }
  ~ClientServerTest() override { ::close(listening_); }

  // Runs `client` against a server with `handler` until it ends.
  void run(std::function<Task<>()> client) {
    server_ = std::make_unique<Server>(loop_, handler_, options_);
    net::Listener listener(loop_, listening_, [this](net::Socket socket, std::string peer) {
      server_->serve(std::move(socket), std::move(peer));
    });
    TaskScope scope;
    TaskScope accepting;
    listener.start(accepting);
    struct Context {
      ClientServerTest* test;
      net::Listener* listener;
    } context{this, &listener};
    scope.on_end(
        [](void* argument) {
          auto* ended = static_cast<Context*>(argument);
          ended->test->client_.close_idle();
          ended->listener->stop();
          ended->test->server_->drain();
          ended->test->loop_.stop();
        },
        &context);
    loop_.post([&] { scope.start(client()); });
    loop_.run();
    // What is still closing gets its turns.
    for (int i = 0; i < 100 && !(server_->scope().empty() && accepting.empty()); ++i) {
      server_->abort_all();
      loop_.run_ready();
    }
    EXPECT_TRUE(server_->scope().empty());
    server_.reset();
  }

  Task<Result<std::unique_ptr<ClientStream>>> post(std::string target, Body& body) {
    co_return co_await client_.send(upstream_, {.method = "POST", .target = target, .body = &body},
                                    std::chrono::steady_clock::now() + seconds(5), &cancel_);
  }

  static Task<std::string> read_all(ClientStream& stream) {
    std::string text;
    for (;;) {
      const auto piece = co_await stream.read(std::chrono::steady_clock::now() + seconds(5));
      if (!piece) co_return text + "<" + piece.error().detail + ">";
      text += piece->bytes;
      if (piece->ended) co_return text;
      if (piece->idle) co_return text + "<idle>";
    }
  }

  // Of an answer that was read to its end; 0: there was none.
  Task<int> status_of_post() {
    Body body = Body::of("small");
    const auto stream = co_await post("/", body);
    if (!stream) co_return 0;
    (void)co_await read_all(**stream);
    co_return (*stream)->status();
  }

  net::Loop loop_;
  std::unique_ptr<net::TlsContext> tls_ = net::TlsContext::create("").value();
  Client client_{loop_, *tls_};
  Upstream upstream_;
  Cancel cancel_;
  int listening_;
  FunctionHandler handler_;
  ServerOptions options_;
  std::unique_ptr<Server> server_;
};

Task<> echo(ServerRequest& request, ServerResponse& response) {
  const auto body = co_await request.read_body({});
  if (!body) co_return;
  (void)co_await response.send(200, {}, (*body)->view());
}

TEST_F(ClientServerTest, ABodyTravelsBothWaysAndTheConnectionIsKept) {
  handler_.function = echo;
  const std::string large(3 << 20, 'x');
  std::string answer;
  std::string second;
  std::size_t idle = 0;
  run([&]() -> Task<> {
    Body body = Body::of(large);
    auto stream = co_await post("/a", body);
    if (stream) answer = co_await read_all(**stream);
    idle = client_.idle_connections();
    Body small = Body::of("small");
    auto again = co_await post("/b", small);
    if (again) second = co_await read_all(**again);
  });
  EXPECT_EQ(answer, large);
  EXPECT_EQ(second, "small");
  EXPECT_EQ(idle, 1u);
}

TEST_F(ClientServerTest, NewOptionsHoldForWhatBeginsFromNowOn) {
  handler_.function = echo;
  std::vector<int> statuses;
  std::vector<std::size_t> idle;
  run([&]() -> Task<> {
    statuses.push_back(co_await status_of_post());
    idle.push_back(client_.idle_connections());
    client_.configure({.max_age = seconds(0)});
    statuses.push_back(co_await status_of_post());
    idle.push_back(client_.idle_connections());
    ServerOptions strict = options_;
    strict.max_head = 16;
    server_->configure(strict);
    statuses.push_back(co_await status_of_post());
  });
  EXPECT_EQ(statuses, (std::vector<int>{200, 200, 431}));
  EXPECT_EQ(idle, (std::vector<std::size_t>{1, 0}));
}

TEST_F(ClientServerTest, WhoKnocksAtADoorHasLessRoomForItsHead) {
  handler_.function = echo;
  options_.is_door = [](std::string_view target) { return target.starts_with("/door"); };
  std::vector<int> statuses;
  run([&]() -> Task<> {
    server_->configure(options_);
    for (const std::string& target :
         {"/door?" + std::string(3000, 'x'), "/door?" + std::string(5000, 'x'),
          "/other?" + std::string(5000, 'x')}) {
      Body body = Body::of("small");
      const auto stream = co_await post(target, body);
      if (stream) statuses.push_back((*stream)->status());
      if (stream) (void)co_await read_all(**stream);
    }
  });
  EXPECT_EQ(statuses, (std::vector<int>{200, 431, 200}));
}

// Gives "0123456789" ten thousand times, a few bytes at a time.
class Digits final : public BodySource {
 public:
  explicit Digits(bool announced) : announced_(announced) {}
  Task<Result<std::size_t>> read(std::span<char> room) override {
    std::size_t n = 0;
    while (n < std::min<std::size_t>(room.size(), 777) && given_ < kSize) {
      room[n++] = static_cast<char>('0' + given_++ % 10);
    }
    co_return n;
  }
  std::optional<std::uint64_t> length() const override {
    return announced_ ? std::optional<std::uint64_t>(kSize) : std::nullopt;
  }
  static constexpr std::size_t kSize = 100'000;

 private:
  bool announced_;
  std::size_t given_ = 0;
};

TEST_F(ClientServerTest, ABodyIsPassedOnAsItComesWithAndWithoutItsLength) {
  handler_.function = echo;
  std::vector<std::string> answers;
  run([&]() -> Task<> {
    for (const bool announced : {true, false}) {
      Digits digits(announced);
      auto stream =
          co_await client_.send(upstream_, {.method = "POST", .target = "/", .source = &digits},
                                std::chrono::steady_clock::now() + seconds(5), &cancel_);
      answers.push_back(stream ? co_await read_all(**stream) : stream.error().detail);
    }
  });
  ASSERT_EQ(answers.size(), 2u);
  for (const std::string& answer : answers) {
    EXPECT_EQ(answer.size(), Digits::kSize);
    EXPECT_EQ(answer.substr(99'990), "0123456789");
  }
}

Task<> stream_three(ServerRequest& request, ServerResponse& response) {
  (void)co_await request.read_body({});
  response.start(200, {});
  for (const std::string_view part : {"one ", "two "}) (void)co_await response.write(part);
  (void)co_await response.finish("three");
}

TEST_F(ClientServerTest, AStreamArrivesWhole) {
  handler_.function = stream_three;
  std::string answer;
  run([&]() -> Task<> {
    Body body = Body::of("x");
    auto stream = co_await post("/", body);
    if (stream) answer = co_await read_all(**stream);
  });
  EXPECT_EQ(answer, "one two three");
}

Task<> break_off(ServerRequest& request, ServerResponse& response) {
  (void)co_await request.read_body({});
  response.start(200, {});
  (void)co_await response.write("part");
  response.abort();
}

TEST_F(ClientServerTest, ABrokenStreamIsAnErrorNotAnEnd) {
  handler_.function = break_off;
  std::string answer;
  run([&]() -> Task<> {
    Body body = Body::of("x");
    auto stream = co_await post("/", body);
    if (stream) answer = co_await read_all(**stream);
  });
  EXPECT_TRUE(answer.find("<the upstream broke off its answer") != std::string::npos) << answer;
}

Task<> refuse_early(ServerRequest&, ServerResponse& response) {
  (void)co_await response.send(413, {}, "too much");
}

TEST_F(ClientServerTest, AnEarlyAnswerIsReadThoughTheBodyIsNotSent) {
  handler_.function = refuse_early;
  std::string answer;
  int status = 0;
  run([&]() -> Task<> {
    Body body = Body::of(std::string(64 << 20, 'x'));
    auto stream = co_await post("/", body);
    if (!stream) {
      answer = stream.error().detail;
      co_return;
    }
    status = (*stream)->status();
    answer = co_await read_all(**stream);
  });
  EXPECT_EQ(status, 413);
  EXPECT_EQ(answer, "too much");
}

TEST_F(ClientServerTest, CancellingEndsTheWaitForAnAnswer) {
  bool noticed = false;
  handler_.function = [&](ServerRequest& request, ServerResponse&) -> Task<> {
    (void)co_await request.read_body({});
    cancel_.request();
    co_await net::sleep_for(loop_, seconds(5), &request.departed());
    noticed = request.departed().requested();
  };
  ErrorKind kind{};
  run([&]() -> Task<> {
    Body body = Body::of("x");
    auto stream = co_await post("/", body);
    if (!stream) kind = stream.error().kind;
  });
  EXPECT_EQ(kind, ErrorKind::kCancelled);
  EXPECT_TRUE(noticed) << "the server must see that its client left";
}

TEST_F(ClientServerTest, AReusedConnectionThatClosesIsReplacedSilently) {
  int served = 0;
  handler_.function = [&](ServerRequest& request, ServerResponse& response) -> Task<> {
    (void)co_await request.read_body({});
    if (++served == 2) co_return;  // closes without a byte
    (void)co_await response.send(200, {}, "ok");
  };
  std::string answers;
  run([&]() -> Task<> {
    for (int i = 0; i < 2; ++i) {
      Body body = Body::of("x");
      auto stream = co_await post("/", body);
      answers += stream ? co_await read_all(**stream) : stream.error().detail;
    }
  });
  EXPECT_EQ(answers, "okok");
  EXPECT_EQ(served, 3);
}

}  // namespace
}  // namespace wasat::http
