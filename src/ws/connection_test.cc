// Two ends of a WebSocket over a pair of sockets, or one against bytes that a test
// writes itself. One loop.

#include "ws/connection.h"

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <functional>
#include <string>

namespace wasat::ws {
namespace {

using namespace std::string_literals;
using std::chrono::milliseconds;

class ConnectionTest : public ::testing::Test {
 protected:
  ConnectionTest() {
    int fds[2];
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
    near_ = net::Stream(net::Socket(loop_, fds[0]));
    far_ = net::Stream(net::Socket(loop_, fds[1]));
    // Small, so that a large message does not fit.
    const int size = 16 * 1024;
    for (const int fd : fds) {
      ::setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
      ::setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    }
  }

  // Runs both until both have ended.
  void run(Task<> one, Task<> other) {
    TaskScope scope;
    struct Context {
      TaskScope* scope;
      net::Loop* loop;
    } context{&scope, &loop_};
    scope.on_end(
        [](void* argument) {
          auto* ended = static_cast<Context*>(argument);
          if (ended->scope->empty()) ended->loop->stop();
        },
        &context);
    loop_.post([&] {
      scope.start(std::move(one));
      scope.start(std::move(other));
    });
    loop_.run();
    EXPECT_TRUE(scope.empty());
  }

  // Raw bytes of the other end.
  void say(std::string_view bytes) {
    ASSERT_EQ(::send(far_.socket().fd(), bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
  }
  void say_masked_ping() { say("\x89\x81\0\0\0\0p"s); }
  std::string heard() {
    std::string text(1 << 20, '\0');
    const ssize_t n = ::recv(far_.socket().fd(), text.data(), text.size(), 0);
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return text;
  }

  static Task<std::string> read_message(Connection& connection) {
    std::string message;
    for (;;) {
      const Result<Connection::Batch> batch = co_await connection.read(soon(), nullptr);
      if (!batch) co_return "<" + batch.error().detail + ">";
      for (const Piece& piece : batch->pieces) {
        message += piece.view();
        if (piece.last) co_return message;
      }
      if (batch->close != nullptr) {
        co_return "close:" + std::to_string(batch->close->code) + ":" + batch->close->reason;
      }
    }
  }

  static net::TimePoint soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(5);
  }

  net::Loop loop_;
  net::Stream near_;
  net::Stream far_;
  Masks masks_;
};

TEST_F(ConnectionTest, AMessageOfAnyLengthPassesThroughOneBuffer) {
  Connection server(Role::kServer, near_, {}, masks_, {});
  Connection client(Role::kClient, far_, {}, masks_, {});
  std::string sent(3 << 20, '\0');
  for (std::size_t i = 0; i < sent.size(); ++i) sent[i] = static_cast<char>(i * i >> 3);
  std::string echoed;
  std::size_t largest = 0;
  // The server passes each piece back as it comes.
  const auto echo = [&]() -> Task<> {
    for (;;) {
      const Result<Connection::Batch> batch = co_await server.read(soon(), nullptr);
      if (!batch || batch->pieces.empty()) break;
      for (const Piece& piece : batch->pieces) largest = std::max(largest, piece.bytes.size());
      const Result<> written = co_await server.write(batch->pieces, nullptr);
      EXPECT_TRUE(written.has_value());
    }
    co_await server.close(kNormal, {});
  };
  const auto ask = [&]() -> Task<> {
    TaskScope writing;
    const auto write = [&]() -> Task<> {
      const Result<> written = co_await client.send(Opcode::kBinary, sent, nullptr);
      EXPECT_TRUE(written.has_value());
    };
    writing.start(write());
    echoed = co_await read_message(client);
    EXPECT_TRUE(writing.empty());
    EXPECT_TRUE(co_await client.close(kNormal, {}));
  };
  run(echo(), ask());
  EXPECT_TRUE(echoed == sent);
  EXPECT_LE(largest, net::BufferPool::kBlockSize);
}

TEST_F(ConnectionTest, ManySmallFramesAreOneBatchAndOneWrite) {
  Connection server(Role::kServer, near_, {}, masks_, {});
  const auto serve = [&]() -> Task<> {
    const Result<Connection::Batch> batch = co_await server.read(soon(), nullptr);
    EXPECT_EQ(batch->pieces.size(), 3u);
    EXPECT_TRUE((co_await server.write(batch->pieces, nullptr)).has_value());
  };
  const auto nothing = []() -> Task<> { co_return; };
  say("\x81\x81\0\0\0\0a\x81\x81\0\0\0\0b\x02\x81\0\0\0\0c"s);
  run(serve(), nothing());
  EXPECT_EQ(heard(),
            "\x81\x01"
            "a\x81\x01"
            "b\x02\x01"
            "c"s);
}

TEST_F(ConnectionTest, PingsAreAnsweredAndOnlyTheLastOfSeveral) {
  Connection server(Role::kServer, near_, {}, masks_, {});
  const auto serve = [&]() -> Task<> { EXPECT_EQ(co_await read_message(server), "x"); };
  const auto nothing = []() -> Task<> { co_return; };
  say("\x89\x81\0\0\0\0a\x89\x81\0\0\0\0b\x81\x81\0\0\0\0x"s);
  run(serve(), nothing());
  EXPECT_EQ(heard(),
            "\x8a\x01"
            "b"s);
}

TEST_F(ConnectionTest, CloseCodesAndReasonsTravel) {
  Connection server(Role::kServer, near_, {}, masks_, {});
  Connection client(Role::kClient, far_, {}, masks_, {});
  const auto serve = [&]() -> Task<> {
    EXPECT_EQ(co_await read_message(server), "close:4001:enough");
    EXPECT_TRUE(co_await server.close(4001, {}));
  };
  const auto ask = [&]() -> Task<> { EXPECT_TRUE(co_await client.close(4001, "enough")); };
  run(serve(), ask());
}

TEST_F(ConnectionTest, ABrokenProtocolIsClosedWithItsCode) {
  Connection server(Role::kServer, near_, {}, masks_, {.close_timeout = milliseconds(50)});
  const auto serve = [&]() -> Task<> {
    EXPECT_TRUE((co_await read_message(server)).starts_with("<the peer broke the protocol"));
    EXPECT_EQ(server.violation()->code, kProtocolError);
    EXPECT_FALSE(co_await server.close(server.violation()->code, server.violation()->reason));
  };
  const auto nothing = []() -> Task<> { co_return; };
  say("\x81\x01"
      "a"s);  // not masked
  run(serve(), nothing());
  EXPECT_TRUE(heard().starts_with("\x88"));
}

TEST_F(ConnectionTest, SilenceIsPingedAndThenGivenUp) {
  Connection server(Role::kServer, near_, {}, masks_,
                    {.ping_after = milliseconds(20), .idle_timeout = milliseconds(60)});
  const auto serve = [&]() -> Task<> {
    const Result<Connection::Batch> batch = co_await server.read(soon(), nullptr);
    EXPECT_EQ(batch.error().kind, ErrorKind::kTimeout);
  };
  const auto nothing = []() -> Task<> { co_return; };
  run(serve(), nothing());
  EXPECT_EQ(heard(), "\x89\0"s);
}

TEST_F(ConnectionTest, AWriteToWhoDoesNotReadIsGivenUp) {
  Connection server(Role::kServer, near_, {}, masks_,
                    {.write_stall = milliseconds(40), .close_timeout = milliseconds(20)});
  const std::string large(1 << 20, 'x');
  const auto stalls = [&]() -> Task<> {
    const Result<> written = co_await server.send(Opcode::kBinary, large, nullptr);
    EXPECT_EQ(written.error().kind, ErrorKind::kTimeout);
    // Within a frame no close can follow.
    EXPECT_FALSE(co_await server.close(kNormal, {}));
  };
  const auto nothing = []() -> Task<> { co_return; };
  run(stalls(), nothing());
}

TEST_F(ConnectionTest, ACancelEndsReadAndWrite) {
  Connection server(Role::kServer, near_, {}, masks_, {.close_timeout = milliseconds(20)});
  Cancel stop_read;
  Cancel stop_write;
  const std::string large(1 << 20, 'x');
  const auto reads = [&]() -> Task<> {
    const Result<Connection::Batch> batch = co_await server.read(soon(), &stop_read);
    EXPECT_EQ(batch.error().kind, ErrorKind::kCancelled);
    stop_write.request();
  };
  const auto writes = [&]() -> Task<> {
    TaskScope later;
    const auto cancel = [&]() -> Task<> {
      (void)co_await net::sleep_for(loop_, milliseconds(10));
      stop_read.request();
    };
    later.start(cancel());
    const Result<> written = co_await server.send(Opcode::kBinary, large, &stop_write);
    EXPECT_EQ(written.error().kind, ErrorKind::kCancelled);
    while (!later.empty()) co_await net::yield(loop_);
  };
  run(reads(), writes());
}

TEST_F(ConnectionTest, APongWaitsForTheEndOfAFrame) {
  Connection server(Role::kServer, near_, {}, masks_, {});
  Connection client(Role::kClient, far_, {}, masks_, {});
  const std::string large(1 << 20, 'x');
  std::string got;
  const auto serve = [&]() -> Task<> {
    TaskScope writing;
    const auto write = [&]() -> Task<> {
      EXPECT_TRUE((co_await server.send(Opcode::kBinary, large, nullptr)).has_value());
    };
    writing.start(write());
    EXPECT_EQ(co_await read_message(server), "close:1000:");
    while (!writing.empty()) co_await net::yield(loop_);
    EXPECT_TRUE(co_await server.close(kNormal, {}));
  };
  const auto ask = [&]() -> Task<> {
    // A ping while the other end is in the middle of a frame.
    say_masked_ping();
    got = co_await read_message(client);
    EXPECT_TRUE(co_await client.close(kNormal, {}));
  };
  run(serve(), ask());
  EXPECT_TRUE(got == large);
}

TEST_F(ConnectionTest, WhoLeavesWhileNobodyReadsIsNoticed) {
  Connection server(Role::kServer, near_, {}, masks_, {});
  Cancel departed;
  const auto watches = [&]() -> Task<> {
    say("\x81\x81\0\0\0\0a"s);
    server.watch_peer(departed);
    far_ = {};
    EXPECT_FALSE(co_await net::sleep_for(loop_, std::chrono::seconds(5), &departed));
    server.unwatch_peer();
    // What came before is not lost.
    EXPECT_EQ(co_await read_message(server), "a");
  };
  const auto nothing = []() -> Task<> { co_return; };
  run(watches(), nothing());
}

}  // namespace
}  // namespace wasat::ws
