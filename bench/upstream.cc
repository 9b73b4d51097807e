// The upstream of the benchmarks: answers like Gemini, as cheaply as it can.
//
//   bench_upstream [--port P] [--tls-port P --cert FILE --key FILE]
//                  [--events N] [--interval MILLISECONDS]
//
// A path with "streamGenerateContent" gets N server-sent events, the first at
// once and the others at the interval; everything else gets 1,024 bytes of JSON.
// Request bodies are read and dropped. Each event carries its number ("#000042"),
// so that the load generator sees what is lost. One thread; nothing is allocated
// per request once a connection has warmed up. Prints "ready PORT TLS_PORT".

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bench/wire.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

struct Options {
  int port = 0;
  int tls_port = -1;
  std::string cert;
  std::string key;
  unsigned events = 1;
  int interval_ms = 0;
};

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "bench_upstream: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

// What is sent, made once.
struct Answers {
  std::string unary;
  std::string upload;  // says where the bytes of a file go
  std::string stream_head;
  std::string event;       // as an HTTP chunk
  std::string last_event;  // the same with a finishReason, and the end of the body
  std::size_t digits = 0;  // where the number stands in `event`
  std::size_t last_digits = 0;
};

std::string chunk(const std::string& text) {
  char size[16];
  std::snprintf(size, sizeof size, "%zx\r\n", text.size());
  return size + text + "\r\n";
}

std::string event_text(bool last) {
  return std::string(
             "data: {\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"#000000 in the "
             "middle of things there is always one more word to come, and then \"}],"
             "\"role\": \"model\"},") +
         (last ? "\"finishReason\": \"STOP\"," : "") +
         "\"index\": 0}],\"usageMetadata\": {\"promptTokenCount\": 9,\"candidatesTokenCount\": "
         "17,\"totalTokenCount\": 26},\"modelVersion\": \"gemini-2.5-flash\",\"responseId\": "
         "\"b3NlIGEgcmFuZG9t\"}\r\n\r\n";
}

Answers make_answers() {
  Answers answers;
  const std::string before = "{\"candidates\": [{\"content\": {\"parts\": [{\"text\": \"#000000 ";
  const std::string after =
      "\"}],\"role\": \"model\"},\"finishReason\": \"STOP\",\"index\": 0}],\"usageMetadata\": "
      "{\"promptTokenCount\": 9,\"candidatesTokenCount\": 170,\"totalTokenCount\": 179},"
      "\"modelVersion\": \"gemini-2.5-flash\",\"responseId\": \"b3NlIGEgcmFuZG9t\"}";
  const std::string body = before + std::string(1024 - before.size() - after.size(), 'w') + after;
  answers.unary =
      "HTTP/1.1 200 OK\r\nContent-Type: application/json; charset=UTF-8\r\n"
      "Content-Length: 1024\r\n\r\n" +
      body;
  answers.upload =
      "HTTP/1.1 200 OK\r\nX-Goog-Upload-Status: active\r\nX-Goog-Upload-URL: "
      "https://localhost/upload/v1beta/files?upload_id=1&upload_protocol=resumable\r\n"
      "Content-Length: 0\r\n\r\n";
  answers.stream_head =
      "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n";
  answers.event = chunk(event_text(false));
  answers.digits = answers.event.find('#') + 1;
  answers.last_event = chunk(event_text(true)) + "0\r\n\r\n";
  answers.last_digits = answers.last_event.find('#') + 1;
  return answers;
}

struct Connection {
  int fd = -1;
  SSL* tls = nullptr;
  bool want_write = false;
  bool streaming = false;
  bool in_body = false;
  bool chunked = false;
  bool wants_stream = false;
  bool begins_upload = false;
  unsigned sent_events = 0;
  std::uint64_t serial = 0;  // of the stream, to know a stale timer
  std::uint64_t body_left = 0;
  ChunkDecoder decoder;
  std::string head;  // an unfinished one
  std::string out;   // what the socket did not take
};

class Upstream {
 public:
  explicit Upstream(Options options) : options_(std::move(options)), answers_(make_answers()) {}

  void run() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (epoll_ < 0) fail("epoll_create1");
    const int port = listen_on(options_.port, plain_listener_);
    int tls_port = 0;
    if (options_.tls_port >= 0) {
      make_tls_context();
      tls_port = listen_on(options_.tls_port, tls_listener_);
    }
    std::printf("ready %d %d\n", port, tls_port);
    std::fflush(stdout);

    std::vector<epoll_event> events(1024);
    for (;;) {
      const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), timeout());
      for (int i = 0; i < n; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        if (event.data.fd == plain_listener_ || event.data.fd == tls_listener_) {
          accept_all(event.data.fd);
        } else {
          serve(event.data.fd, event.events);
        }
      }
      send_due_events();
    }
  }

 private:
  struct Due {
    Clock::time_point when;
    int fd;
    std::uint64_t serial;
  };

  int listen_on(int port, int& listener) {
    listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int one = 1;
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(static_cast<std::uint16_t>(port));
    if (bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fail("bind");
    if (listen(listener, 16384) != 0) fail("listen");
    socklen_t size = sizeof address;
    getsockname(listener, reinterpret_cast<sockaddr*>(&address), &size);
    watch(listener, EPOLLIN, EPOLL_CTL_ADD);
    return ntohs(address.sin_port);
  }

  void make_tls_context() {
    context_ = SSL_CTX_new(TLS_server_method());
    if (SSL_CTX_use_certificate_chain_file(context_, options_.cert.c_str()) != 1 ||
        SSL_CTX_use_PrivateKey_file(context_, options_.key.c_str(), SSL_FILETYPE_PEM) != 1) {
      ERR_print_errors_fp(stderr);
      std::exit(1);
    }
    SSL_CTX_set_mode(context_, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_RELEASE_BUFFERS |
                                   SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  }

  void watch(int fd, std::uint32_t what, int operation) const {
    epoll_event event{};
    event.events = what;
    event.data.fd = fd;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  // Until the next event is due.
  int timeout() const {
    if (due_.empty()) return -1;
    const auto wait =
        std::chrono::ceil<std::chrono::milliseconds>(due_.front().when - Clock::now());
    return wait.count() < 0 ? 0 : static_cast<int>(wait.count());
  }

  void accept_all(int listener) {
    for (;;) {
      const int fd = accept4(listener, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (fd < 0) return;
      const int one = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      if (connections_.size() <= static_cast<std::size_t>(fd)) {
        connections_.resize(static_cast<std::size_t>(fd) + 1024);
      }
      auto& connection = connections_[static_cast<std::size_t>(fd)];
      if (!connection) connection = std::make_unique<Connection>();
      connection->fd = fd;
      if (listener == tls_listener_) {
        connection->tls = SSL_new(context_);
        SSL_set_fd(connection->tls, fd);
        SSL_set_accept_state(connection->tls);
      }
      watch(fd, EPOLLIN, EPOLL_CTL_ADD);
    }
  }

  void close_connection(Connection& connection) {
    if (connection.tls != nullptr) SSL_free(connection.tls);
    close(connection.fd);
    const std::uint64_t serial = connection.serial + 1;
    std::string head = std::move(connection.head);
    std::string out = std::move(connection.out);
    head.clear();
    out.clear();
    connection = Connection();
    connection.serial = serial;
    connection.head = std::move(head);
    connection.out = std::move(out);
  }

  void serve(int fd, std::uint32_t what) {
    Connection& connection = *connections_[static_cast<std::size_t>(fd)];
    if (connection.fd < 0) return;
    if ((what & EPOLLOUT) != 0 && !connection.out.empty()) {
      std::string pending;
      pending.swap(connection.out);
      send(connection, pending);
      if (connection.fd < 0) return;
    }
    for (;;) {
      const ssize_t n = read_some(connection);
      if (n == 0) {
        close_connection(connection);
        return;
      }
      if (n < 0) return;
      take(connection, std::string_view(room_.data(), static_cast<std::size_t>(n)));
      if (connection.fd < 0) return;
      if (connection.tls == nullptr && static_cast<std::size_t>(n) < room_.size()) return;
    }
  }

  // Bytes read; 0 at the end or on an error; -1 when there is nothing for now.
  ssize_t read_some(Connection& connection) {
    if (connection.tls == nullptr) {
      const ssize_t n = recv(connection.fd, room_.data(), room_.size(), 0);
      if (n < 0) return errno == EAGAIN ? -1 : 0;
      return n;
    }
    const int n = SSL_read(connection.tls, room_.data(), static_cast<int>(room_.size()));
    if (n > 0) return n;
    switch (SSL_get_error(connection.tls, n)) {
      case SSL_ERROR_WANT_READ:
      case SSL_ERROR_WANT_WRITE:
        return -1;
      default:
        ERR_clear_error();
        return 0;
    }
  }

  void take(Connection& connection, std::string_view data) {
    while (!data.empty()) {
      if (connection.in_body) {
        if (connection.chunked) {
          data.remove_prefix(connection.decoder.feed(data, [](std::string_view) {}));
          if (!connection.decoder.done()) return;
        } else {
          const auto n = std::min<std::uint64_t>(connection.body_left, data.size());
          connection.body_left -= n;
          data.remove_prefix(n);
          if (connection.body_left > 0) return;
        }
        connection.in_body = false;
        answer(connection);
        if (connection.fd < 0) return;
        continue;
      }
      std::string_view head = data;
      if (!connection.head.empty()) {
        connection.head.append(data);
        head = connection.head;
      }
      const std::size_t end = head.find("\r\n\r\n");
      if (end == std::string_view::npos) {
        if (connection.head.empty()) connection.head.assign(data);
        return;
      }
      const std::size_t behind = head.size() - end - 4;
      read_head(connection, head.substr(0, end + 2));
      connection.head.clear();
      data.remove_prefix(data.size() - behind);
      if (!connection.in_body) {
        answer(connection);
        if (connection.fd < 0) return;
      }
    }
  }

  static void read_head(Connection& connection, std::string_view head) {
    const std::string_view line = head.substr(0, head.find("\r\n"));
    connection.wants_stream = line.find("streamGenerateContent") != std::string_view::npos;
    connection.begins_upload = header_value(head, "x-goog-upload-command") == "start";
    connection.chunked = header_value(head, "transfer-encoding").starts_with("chunked");
    connection.body_left = number(header_value(head, "content-length"));
    connection.in_body = connection.chunked || connection.body_left > 0;
    connection.decoder.reset();
    if (!header_value(head, "expect").empty()) std::abort();  // no proxy should pass it on
  }

  void answer(Connection& connection) {
    if (!connection.wants_stream) {
      send(connection, connection.begins_upload ? answers_.upload : answers_.unary);
      return;
    }
    connection.streaming = true;
    connection.sent_events = 0;
    scratch_ = answers_.stream_head;
    append_event(connection, scratch_);
    send(connection, scratch_);
    if (connection.fd >= 0 && connection.streaming) schedule(connection, Clock::now());
  }

  void append_event(Connection& connection, std::string& out) {
    const bool last = connection.sent_events + 1 >= options_.events;
    std::string& event = last ? answers_.last_event : answers_.event;
    char digits[16];
    std::snprintf(digits, sizeof digits, "%06u", connection.sent_events % 1000000);
    std::memcpy(event.data() + (last ? answers_.last_digits : answers_.digits), digits, 6);
    out += event;
    ++connection.sent_events;
    if (last) connection.streaming = false;
  }

  void schedule(Connection& connection, Clock::time_point from) {
    due_.push_back(
        {from + std::chrono::milliseconds(options_.interval_ms), connection.fd, connection.serial});
  }

  // All streams have the same interval, so that the queue is in order by itself.
  void send_due_events() {
    const Clock::time_point now = Clock::now();
    while (!due_.empty() && due_.front().when <= now) {
      const Due due = due_.front();
      due_.pop_front();
      Connection& connection = *connections_[static_cast<std::size_t>(due.fd)];
      if (connection.fd < 0 || connection.serial != due.serial || !connection.streaming) continue;
      scratch_.clear();
      append_event(connection, scratch_);
      send(connection, scratch_);
      if (connection.fd >= 0 && connection.streaming) schedule(connection, due.when);
    }
  }

  void send(Connection& connection, std::string_view data) {
    if (!connection.out.empty()) {
      connection.out.append(data);
      return;
    }
    while (!data.empty()) {
      ssize_t n = 0;
      if (connection.tls == nullptr) {
        n = ::send(connection.fd, data.data(), data.size(), MSG_NOSIGNAL);
        if (n < 0 && errno != EAGAIN) {
          close_connection(connection);
          return;
        }
      } else {
        const int written = SSL_write(connection.tls, data.data(), static_cast<int>(data.size()));
        n = written > 0 ? written : -1;
        if (written <= 0 && SSL_get_error(connection.tls, written) != SSL_ERROR_WANT_WRITE) {
          ERR_clear_error();
          close_connection(connection);
          return;
        }
      }
      if (n < 0) {
        connection.out.assign(data);
        break;
      }
      data.remove_prefix(static_cast<std::size_t>(n));
    }
    const bool want_write = !connection.out.empty();
    if (want_write != connection.want_write) {
      connection.want_write = want_write;
      watch(connection.fd, want_write ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
    }
  }

  Options options_;
  Answers answers_;
  int epoll_ = -1;
  int plain_listener_ = -1;
  int tls_listener_ = -1;
  SSL_CTX* context_ = nullptr;
  std::vector<std::unique_ptr<Connection>> connections_;  // by descriptor
  std::deque<Due> due_;
  std::string scratch_;
  std::vector<char> room_ = std::vector<char>(256 << 10);
};

Options read_options(int argc, char** argv) {
  Options options;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view name = argv[i];
    const char* value = argv[i + 1];
    if (name == "--port") {
      options.port = std::atoi(value);
    } else if (name == "--tls-port") {
      options.tls_port = std::atoi(value);
    } else if (name == "--cert") {
      options.cert = value;
    } else if (name == "--key") {
      options.key = value;
    } else if (name == "--events") {
      options.events = static_cast<unsigned>(std::atoi(value));
    } else if (name == "--interval") {
      options.interval_ms = std::atoi(value);
    } else {
      std::fprintf(stderr, "bench_upstream: unknown option %s\n", argv[i]);
      std::exit(2);
    }
  }
  return options;
}

}  // namespace
}  // namespace bench

int main(int argc, char** argv) {
  signal(SIGPIPE, SIG_IGN);
  bench::Upstream(bench::read_options(argc, argv)).run();
}
