// A simulator on loopback, and a client for it; one loop.

#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/client.h"
#include "http/server.h"
#include "json/reader.h"
#include "net/listener.h"
#include "simulator/simulator.h"

namespace wasat::simulator::test {

struct Answered {
  int status = 0;  // 0: no answer
  std::string content_type;
  std::string body;
  bool broken = false;  // the connection broke within the body
  int pieces = 0;
};

struct Ask {
  std::string target;
  std::string body = R"({"contents":[{"parts":[{"text":"Hi"}]}]})";
  std::string key = "test-key";
  std::string method = "POST";
};

// Parsed JSON that owns its bytes.
class Parsed {
 public:
  explicit Parsed(std::string_view text) : buffer_(Buffer::copy_of(text)) {
    const auto root = document_.parse(buffer_->padded());
    EXPECT_TRUE(root.has_value()) << text.substr(0, 400);
    if (root) root_ = *root;
  }
  json::Value operator*() const { return root_; }
  json::Value operator[](std::string_view name) const { return root_[name]; }

 private:
  std::shared_ptr<Buffer> buffer_;
  json::Document document_;
  json::Value root_;
};

inline json::Value at(json::Value array, std::size_t index) {
  for (const json::Value element : array) {
    if (index-- == 0) return element;
  }
  return {};
}

class SimulatorTest : public ::testing::Test {
 protected:
  explicit SimulatorTest(Options options = {}) : state_(std::move(options)) {
    listening_ = net::open_listening_socket("127.0.0.1", 0).value();
    upstream_.origin = {false, "127.0.0.1", net::local_port(listening_)};
  }
  ~SimulatorTest() override { ::close(listening_); }

  Answered ask(Ask one) { return ask_all({std::move(one)}).front(); }

  // One after the other, over kept connections.
  std::vector<Answered> ask_all(std::vector<Ask> asks) {
    std::vector<Answered> answers;
    run([&]() -> Task<> {
      for (const Ask& one : asks) answers.push_back(co_await fetch(one));
    });
    return answers;
  }

  void run(std::function<Task<>()> client) {
    http::Server server(loop_, simulator_, {});
    net::Listener listener(loop_, listening_, [&](net::Socket socket, std::string peer) {
      server.serve(std::move(socket), std::move(peer));
    });
    TaskScope scope;
    TaskScope accepting;
    listener.start(accepting);
    struct Context {
      SimulatorTest* test;
      net::Listener* listener;
      http::Server* server;
    } context{this, &listener, &server};
    scope.on_end(
        [](void* argument) {
          auto* ended = static_cast<Context*>(argument);
          ended->test->client_.close_idle();
          ended->listener->stop();
          ended->server->drain();
          ended->test->loop_.stop();
        },
        &context);
    loop_.post([&] { scope.start(client()); });
    loop_.run();
    for (int i = 0; i < 100 && !(server.scope().empty() && accepting.empty()); ++i) {
      server.abort_all();
      loop_.run_ready();
    }
    EXPECT_TRUE(server.scope().empty());
  }

  Task<Answered> fetch(const Ask& one) {
    std::vector<http::Header> headers = {{"content-type", "application/json"}};
    if (!one.key.empty()) headers.push_back({"x-goog-api-key", one.key});
    Body body = Body::of(one.body);
    const http::ClientRequest request{.method = one.method,
                                      .target = one.target,
                                      .headers = headers,
                                      .body = one.method == "POST" ? &body : nullptr};
    Answered answered;
    auto stream = co_await client_.send(upstream_, request, soon(), &cancel_);
    if (!stream) co_return answered;
    answered.status = (*stream)->status();
    answered.content_type = (*stream)->header("content-type");
    while (true) {
      const auto piece = co_await (*stream)->read(soon());
      answered.broken = !piece || piece->idle;
      if (answered.broken) break;
      if (!piece->bytes.empty()) ++answered.pieces;
      answered.body += piece->bytes;
      if (piece->ended) break;
    }
    co_return answered;
  }

  static net::TimePoint soon() {
    return std::chrono::steady_clock::now() + std::chrono::seconds(10);
  }

  // The data of an event stream, one entry per event.
  static std::vector<std::string> events(std::string_view body) {
    std::vector<std::string> found;
    while (!body.empty()) {
      const std::size_t end = body.find("\r\n\r\n");
      EXPECT_NE(end, std::string_view::npos) << body;
      if (end == std::string_view::npos) break;
      EXPECT_TRUE(body.starts_with("data: ")) << body;
      found.emplace_back(body.substr(6, end - 6));
      body.remove_prefix(end + 4);
    }
    return found;
  }

  net::Loop loop_;
  State state_;
  Simulator simulator_{loop_, state_};
  std::unique_ptr<net::TlsContext> tls_ = net::TlsContext::create("").value();
  http::Client client_{loop_, *tls_};
  http::Upstream upstream_;
  Cancel cancel_;
  int listening_;
};

inline const std::string kUnary = "/v1beta/models/gemini-2.5-flash:generateContent";
inline const std::string kStream = "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse";
inline const std::string kUnary3 = "/v1beta/models/gemini-3-flash-preview:generateContent";
inline const std::string kStream3 =
    "/v1beta/models/gemini-3-flash-preview:streamGenerateContent?alt=sse";

}  // namespace wasat::simulator::test
