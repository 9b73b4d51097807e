// One thread, one epoll: requests in, answers out.

#include "bench/upstream/upstream.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
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

#include "bench/spin.h"
#include "bench/upstream/answers.h"
#include "bench/upstream/live.h"
#include "bench/wire.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

[[noreturn]] void fail(const char* what) {
  std::fprintf(stderr, "bench_upstream: %s: %s\n", what, std::strerror(errno));
  std::exit(1);
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
  bool live = false;  // a WebSocket
  unsigned sent_events = 0;
  std::uint64_t serial = 0;  // of the stream, to know a stale timer
  std::uint64_t body_left = 0;
  ChunkDecoder decoder;
  std::string head;  // an unfinished one
  std::string out;   // what the socket did not take
};

class Upstream {
 public:
  explicit Upstream(Options options)
      : options_(std::move(options)), answers_(make_answers(options_.answer_bytes)) {}

  [[noreturn]] void run() {
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

    Waiter waiter(options_.spin);
    std::vector<epoll_event> events(1024);
    for (;;) {
      const int n = waiter.wait(epoll_, events, timeout());
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

  void take_frames(Connection& connection, std::string_view data) {
    connection.head.append(data);
    bool open = true;
    scratch_.clear();
    connection.head.erase(0, answer_frames(connection.head, scratch_, open));
    send(connection, scratch_);
    if (!open && connection.fd >= 0) close_connection(connection);
  }

  void take(Connection& connection, std::string_view data) {
    while (!data.empty()) {
      if (connection.live) return take_frames(connection, data);
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

  void read_head(Connection& connection, std::string_view head) {
    accepted_ = accept_upgrade(head);
    connection.live = !accepted_.empty();
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
    if (connection.live) {
      send(connection, accepted_);
      return;
    }
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
  std::string accepted_;  // the answer to the upgrade that was just read
  std::vector<char> room_ = std::vector<char>(256 << 10);
};

}  // namespace

void run_upstream(Options options) {
  Upstream upstream(std::move(options));
  upstream.run();
}

}  // namespace bench
