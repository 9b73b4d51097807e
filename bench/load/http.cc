// Requests over HTTP/1.1: closed loops, streams of events, idle connections.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <fstream>
#include <iterator>
#include <memory>
#include <string_view>

#include "bench/load/load.h"
#include "bench/spin.h"
#include "bench/wire.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

// Silence this long ends a run that waits for something.
constexpr std::chrono::seconds kStall{20};

struct Connection {
  int fd = -1;
  bool connecting = false;
  bool waiting_first = true;  // for the first byte of its first answer
  bool in_body = false;
  bool chunked = false;
  bool close_delimited = false;
  bool finished = false;
  int status = 0;
  std::size_t sent = 0;  // of the request
  std::uint64_t body_left = 0;
  Clock::time_point started;
  ChunkDecoder decoder;
  std::string head;
  // Streams.
  std::string line;  // an unfinished one
  unsigned next_number = 0;
  bool seen_event = false;
};

class Load {
 public:
  explicit Load(Options options) : options_(std::move(options)), waiter_(options_.spin) {
    std::string body;
    if (!options_.body_file.empty()) {
      std::ifstream file(options_.body_file, std::ios::binary);
      body.assign(std::istreambuf_iterator<char>(file), {});
    }
    request_ = options_.method + " " + options_.path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n";
    for (const std::string& header : options_.headers) request_ += header + "\r\n";
    if (!body.empty()) {
      request_ +=
          "Content-Type: application/json\r\nContent-Length: " + std::to_string(body.size()) +
          "\r\n";
    }
    if (options_.body_bytes > 0) {
      request_ += "Content-Length: " + std::to_string(options_.body_bytes) + "\r\n";
      filler_.assign(256 << 10, 'w');
    }
    request_ += "\r\n" + body;
    result_.latencies.reserve(4 << 20);
  }

  int run() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    connections_.resize(options_.connections);
    const Clock::time_point begin = Clock::now();
    const auto length = std::chrono::duration_cast<Clock::duration>(
        std::chrono::duration<double>(options_.duration));
    Clock::time_point last_progress = begin;
    std::uint64_t last_bytes = 0;
    std::vector<epoll_event> events(1024);
    while (!over() && interrupted == 0) {
      open_more();
      const int n = waiter_.wait(epoll_, events, 100);
      for (int i = 0; i < n; ++i) {
        const epoll_event& event = events[static_cast<std::size_t>(i)];
        serve(connections_[event.data.u32], event.events);
      }
      const Clock::time_point now = Clock::now();
      if (options_.duration > 0 && now - begin >= length) break;
      if (result_.bytes + sent_ != last_bytes) {
        last_bytes = result_.bytes + sent_;
        last_progress = now;
      } else if (now - last_progress > kStall) {
        std::fprintf(stderr, "bench_load: nothing came for %lld s\n",
                     static_cast<long long>(kStall.count()));
        ++result_.errors;
        break;
      }
    }
    if (options_.idle) {
      std::puts("idle");
      std::fflush(stdout);
      char c = 0;
      while (read(STDIN_FILENO, &c, 1) > 0) {
      }
    }
    result_.idle_share = waiter_.idle_share();
    return report(result_, std::chrono::duration<double>(Clock::now() - begin).count());
  }

 private:
  bool over() const {
    if (options_.events > 0 || options_.idle) return finished_ == options_.connections;
    return options_.requests > 0 && result_.requests >= options_.requests;
  }

  void open_more() {
    while (opened_ < options_.connections && opened_ - begun_ < options_.ramp) {
      open(opened_);
      ++opened_;
    }
  }

  void open(std::size_t index) {
    Connection& connection = connections_[index];
    connection.fd = connect_to(options_.port);
    connection.connecting = true;
    epoll_event event{};
    event.events = EPOLLIN | EPOLLOUT;
    event.data.u32 = static_cast<std::uint32_t>(index);
    epoll_ctl(epoll_, EPOLL_CTL_ADD, connection.fd, &event);
  }

  std::uint32_t index_of(const Connection& connection) const {
    return static_cast<std::uint32_t>(&connection - connections_.data());
  }

  void watch(const Connection& connection, std::uint32_t what) const {
    epoll_event event{};
    event.events = what;
    event.data.u32 = index_of(connection);
    epoll_ctl(epoll_, EPOLL_CTL_MOD, connection.fd, &event);
  }

  void serve(Connection& connection, std::uint32_t what) {
    if (connection.fd < 0) return;
    if ((what & EPOLLOUT) != 0) {
      if (connection.connecting) {
        connection.connecting = false;
        connection.started = Clock::now();
      }
      if (!send_request(connection)) return;
    }
    if ((what & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read_all(connection);
  }

  // What to send behind the first `sent` bytes; some of it.
  std::string_view rest_of_request(std::size_t sent) const {
    if (sent < request_.size()) return std::string_view(request_).substr(sent);
    const std::uint64_t left = request_.size() + options_.body_bytes - sent;
    return std::string_view(filler_).substr(0, std::min<std::uint64_t>(left, filler_.size()));
  }

  // False when the connection was lost.
  bool send_request(Connection& connection) {
    while (connection.sent < request_.size() + options_.body_bytes) {
      const std::string_view next = rest_of_request(connection.sent);
      const ssize_t n = ::send(connection.fd, next.data(), next.size(), MSG_NOSIGNAL);
      if (n < 0) {
        if (errno == EAGAIN) {
          watch(connection, EPOLLIN | EPOLLOUT);
          return true;
        }
        lose(connection);
        return false;
      }
      connection.sent += static_cast<std::size_t>(n);
      sent_ += static_cast<std::uint64_t>(n);
    }
    watch(connection, EPOLLIN);
    return true;
  }

  void lose(Connection& connection) {
    if (!connection.finished) {
      ++result_.errors;
      finish(connection);
    }
    if (connection.waiting_first) {
      connection.waiting_first = false;
      ++begun_;
    }
    close(connection.fd);
    connection.fd = -1;
    if (options_.events == 0 && !options_.idle && result_.errors < 1000) {
      const std::uint32_t index = index_of(connection);
      connection = Connection();
      connection.waiting_first = false;
      open(index);
    }
  }

  void finish(Connection& connection) {
    connection.finished = true;
    ++finished_;
  }

  void read_all(Connection& connection) {
    for (;;) {
      const ssize_t n = recv(connection.fd, room_.data(), room_.size(), 0);
      if (n < 0 && errno == EAGAIN) return;
      if (n <= 0) {
        if (n == 0 && connection.close_delimited && connection.in_body) answer_ends(connection);
        if (connection.fd >= 0) lose(connection);
        return;
      }
      result_.bytes += static_cast<std::uint64_t>(n);
      if (connection.waiting_first) {
        connection.waiting_first = false;
        ++begun_;
        if (options_.events > 0 && begun_ == options_.connections) {
          std::puts("progress");
          std::fflush(stdout);
        }
      }
      if (!take(connection, std::string_view(room_.data(), static_cast<std::size_t>(n)))) return;
      if (static_cast<std::size_t>(n) < room_.size()) return;
    }
  }

  // False when the connection was closed or sends its next request.
  bool take(Connection& connection, std::string_view data) {
    while (!data.empty()) {
      if (!connection.in_body) {
        connection.head.append(data);
        const std::size_t end = connection.head.find("\r\n\r\n");
        if (end == std::string::npos) return true;
        data.remove_prefix(data.size() - (connection.head.size() - end - 4));
        read_head(connection, std::string_view(connection.head).substr(0, end + 2));
        connection.head.clear();
        if (!connection.chunked && !connection.close_delimited && connection.body_left == 0) {
          return answer_ends(connection);
        }
        continue;
      }
      if (connection.chunked) {
        data.remove_prefix(connection.decoder.feed(
            data, [&](std::string_view piece) { take_content(connection, piece); }));
        if (connection.decoder.done()) return answer_ends(connection);
      } else {
        const std::size_t n = connection.close_delimited
                                  ? data.size()
                                  : static_cast<std::size_t>(
                                        std::min<std::uint64_t>(connection.body_left, data.size()));
        take_content(connection, data.substr(0, n));
        connection.body_left -= connection.close_delimited ? 0 : n;
        data.remove_prefix(n);
        if (!connection.close_delimited && connection.body_left == 0) {
          return answer_ends(connection);
        }
      }
    }
    return true;
  }

  void read_head(Connection& connection, std::string_view head) {
    connection.status = static_cast<int>(number(head.substr(head.find(' ') + 1)));
    connection.chunked = header_value(head, "transfer-encoding").starts_with("chunked");
    const std::string_view length = header_value(head, "content-length");
    connection.body_left = number(length);
    connection.close_delimited = !connection.chunked && length.empty();
    connection.in_body = true;
    connection.decoder.reset();
    if (connection.status / 100 != 2) {
      ++result_.bad_status;
      result_.last_bad_status = connection.status;
    }
  }

  bool answer_ends(Connection& connection) {
    const auto took = std::chrono::duration<float, std::micro>(Clock::now() - connection.started);
    result_.latencies.push_back(took.count());
    ++result_.requests;
    connection.in_body = false;
    if (options_.events > 0) {
      if (connection.next_number == options_.events && connection.line.empty()) {
        ++result_.complete_streams;
      } else {
        result_.lost += options_.events - std::min(connection.next_number, options_.events);
      }
      if (options_.requests == 0) {
        finish(connection);
        close(connection.fd);
        connection.fd = -1;
        return false;
      }
      if (result_.requests >= options_.requests) {
        finish(connection);
        return false;
      }
    } else if (options_.idle) {
      finish(connection);
      return true;
    } else if (options_.requests > 0 && result_.requests >= options_.requests) {
      return false;
    }
    connection.sent = 0;
    connection.next_number = 0;
    connection.seen_event = false;
    connection.line.clear();
    connection.started = Clock::now();
    send_request(connection);
    return false;
  }

  void take_content(Connection& connection, std::string_view content) {
    if (options_.events == 0) return;
    while (!content.empty()) {
      const std::size_t end = content.find('\n');
      if (end == std::string_view::npos) {
        connection.line.append(content);
        return;
      }
      if (connection.line.empty()) {
        take_line(connection, content.substr(0, end));
      } else {
        connection.line.append(content.substr(0, end));
        take_line(connection, connection.line);
        connection.line.clear();
      }
      content.remove_prefix(end + 1);
    }
  }

  void take_line(Connection& connection, std::string_view line) {
    if (line.ends_with('\r')) line.remove_suffix(1);
    if (line.empty() || line.starts_with(':') || line.starts_with("event: ")) return;
    if (line == "data: [DONE]") return;
    if (!line.starts_with("data: {") || !line.ends_with('}')) {
      ++result_.torn;
      return;
    }
    const std::size_t at = line.find('#');
    // The last events of a Responses stream tell everything once more.
    const bool repeats = line.starts_with("data: {\"type\":\"response.") &&
                         line.find(".delta\"") == std::string_view::npos;
    if (at == std::string_view::npos || repeats) {
      ++result_.other_events;
      return;
    }
    if (!connection.seen_event) {
      connection.seen_event = true;
      result_.first_events.push_back(
          std::chrono::duration<float, std::micro>(Clock::now() - connection.started).count());
    }
    const auto n = static_cast<unsigned>(number(line.substr(at + 1)));
    if (n != connection.next_number) ++result_.lost;
    connection.next_number = n + 1;
    ++result_.events;
    note_delay(line.substr(at));
  }

  // "#000042 @1234567890 ...": when it was sent, in microseconds of our own clock.
  void note_delay(std::string_view mark) {
    const std::size_t at = mark.find('@');
    if (at == std::string_view::npos || at > 16) return;
    const std::chrono::microseconds sent(number(mark.substr(at + 1)));
    result_.delays.push_back(
        std::chrono::duration<float, std::micro>(Clock::now().time_since_epoch() - sent).count());
  }

  Options options_;
  Waiter waiter_;
  std::string filler_;  // of bodies that are made up
  std::uint64_t sent_ = 0;
  std::string request_;
  Result result_;
  int epoll_ = -1;
  unsigned opened_ = 0;
  unsigned begun_ = 0;     // got the first byte of an answer, or failed
  unsigned finished_ = 0;  // streams and idle connections
  std::vector<Connection> connections_;
  std::vector<char> room_ = std::vector<char>(256 << 10);
};

}  // namespace

int run_http(Options options) { return Load(std::move(options)).run(); }

}  // namespace bench
