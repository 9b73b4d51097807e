#include "bench/nodes/nodes.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <queue>
#include <string_view>
#include <utility>
#include <vector>

#include "bench/frames.h"
#include "bench/nodes/messages.h"
#include "bench/spin.h"
#include "bench/wire.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::array<char, 4> kMask{0x12, 0x34, 0x56, 0x78};
constexpr unsigned kMostJoining = 128;
constexpr std::size_t kStandardInput = ~std::size_t{0};

struct Node {
  int fd = -1;
  bool connecting = true;
  bool upgraded = false;
  bool wants_write = false;
  bool in_parts = false;  // the request that comes
  unsigned running = 0;
  unsigned large = 0;    // requests and answers under way
  std::string in;        // an unfinished frame
  std::string id, path;  // of the request that comes
  std::string out;       // what the socket did not take
  std::string large_id;  // whose answer is sent as fast as it is taken
  std::uint64_t large_left = 0;
  bool large_whole = false;  // it is one message
};

// An answer's next event, or the whole of one.
struct Due {
  Clock::time_point when;
  std::size_t node;
  std::string id;
  unsigned number;
  bool stream;
};
struct Later {
  bool operator()(const Due& a, const Due& b) const { return a.when > b.when; }
};

class Nodes {
 public:
  explicit Nodes(Options options)
      : options_(std::move(options)), waiter_(options_.spin), nodes_(options_.nodes) {}

  int run() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.u64 = kStandardInput;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, STDIN_FILENO, &event);
    std::vector<epoll_event> events(1024);
    while (!over_) {
      join_more();
      const int n = waiter_.wait(epoll_, events, timeout());
      for (int i = 0; i < n; ++i) serve(events[static_cast<std::size_t>(i)]);
      send_due();
    }
    return report();
  }

 private:
  void join_more() {
    for (; opened_ < nodes_.size() && opened_ - joined_ < kMostJoining; ++opened_) {
      Node& node = nodes_[opened_];
      node.fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (node.fd < 0) fail("socket");
      const int one = 1;
      setsockopt(node.fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      sockaddr_in address{};
      address.sin_family = AF_INET;
      address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
      address.sin_port = htons(static_cast<std::uint16_t>(options_.port));
      if (connect(node.fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0 &&
          errno != EINPROGRESS) {
        fail("connect");
      }
      watch(node, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
    }
  }

  [[noreturn]] static void fail(const char* what) {
    std::fprintf(stderr, "bench_nodes: %s: %s\n", what, std::strerror(errno));
    std::exit(1);
  }

  void watch(const Node& node, std::uint32_t what, int operation) const {
    epoll_event event{};
    event.events = what;
    event.data.u64 = index_of(node);
    epoll_ctl(epoll_, operation, node.fd, &event);
  }

  std::size_t index_of(const Node& node) const {
    return static_cast<std::size_t>(&node - nodes_.data());
  }

  int timeout() const {
    if (due_.empty()) return 1000;
    const auto wait = std::chrono::ceil<std::chrono::milliseconds>(due_.top().when - Clock::now());
    return static_cast<int>(std::clamp<std::int64_t>(wait.count(), 0, 1000));
  }

  void serve(const epoll_event& event) {
    if (event.data.u64 == kStandardInput) return take_command();
    Node& node = nodes_[event.data.u64];
    if (node.fd < 0) return;
    if ((event.events & EPOLLOUT) != 0) {
      if (std::exchange(node.connecting, false)) {
        watch(node, EPOLLIN, EPOLL_CTL_MOD);
        knock(node);
      } else {
        send(node);
      }
    }
    if (node.fd >= 0 && (event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(node);
  }

  void knock(Node& node) {
    node.out = "GET /ws?token=" + options_.token + "&name=n" + std::to_string(index_of(node)) +
               " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
    send(node);
  }

  void read(Node& node) {
    const ssize_t n = recv(node.fd, room_.data(), room_.size(), 0);
    if (n <= 0) {
      if (n < 0 && errno == EAGAIN) return;
      ++lost_;
      std::fprintf(stderr, "bench_nodes: the relay ended a connection\n");
      return leave(node);
    }
    std::string_view data(room_.data(), static_cast<std::size_t>(n));
    bytes_ += data.size();
    if (!node.in.empty()) {
      node.in.append(data);
      data = node.in;
    }
    std::size_t used = 0;
    if (!node.upgraded) used = take_head(node, data);
    while (node.upgraded && node.fd >= 0) {
      const Frame frame = first_frame(data.substr(used));
      if (frame.size == 0) break;
      used += frame.size;
      take(node, frame);
    }
    if (used == data.size()) {
      node.in.clear();
    } else if (data.data() == node.in.data()) {
      node.in.erase(0, used);
    } else {
      node.in.assign(data.substr(used));
    }
    if (!node.out.empty() && !node.wants_write) send(node);
  }

  std::size_t take_head(Node& node, std::string_view data) {
    const std::size_t end = data.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    if (!data.starts_with("HTTP/1.1 101")) {
      std::fprintf(stderr, "bench_nodes: %s\n", std::string(data.substr(0, 300)).c_str());
      std::exit(1);
    }
    node.upgraded = true;
    ++joined_;
    return end + 4;
  }

  void take(Node& node, const Frame& frame) {
    if (frame.opcode == 9) {
      ++pings_;
      append_frame(node.out, 10, frame.payload, &kMask);
      return;
    }
    if (frame.opcode == 8) {
      ++lost_;
      std::fprintf(stderr, "bench_nodes: the relay closed a connection: %s\n",
                   std::string(frame.payload.substr(std::min<std::size_t>(2, frame.payload.size())))
                       .c_str());
      return leave(node);
    }
    if (frame.opcode > 2) return;
    if (frame.opcode != 0) {
      const Asked asked = read_request(frame.payload);
      node.id = asked.id;
      node.path = asked.path;
      if (asked.id.empty()) return take_count(frame.payload);
      ++requests_;
      node.in_parts = !frame.last;
      if (node.in_parts) ++node.large;
    }
    if (!frame.last || node.id.empty()) return;
    if (std::exchange(node.in_parts, false)) --node.large;
    answer(node);
  }

  void take_count(std::string_view text) {
    const unsigned count = read_count(text);
    if (count != options_.nodes || std::exchange(told_, true)) return;
    std::printf("ready %u\n", count);
    std::fflush(stdout);
  }

  void answer(Node& node) {
    ++node.running;
    const Clock::time_point now = Clock::now();
    const bool stream = node.path.find("streamGenerateContent") != std::string::npos;
    const std::string_view large = stream ? "large" : "large-answer";
    if (options_.large_mib > 0 && node.path.find(large) != std::string::npos) {
      ++node.large;
      node.large_whole = !stream;
      node.large_id = node.id;
      node.large_left = options_.large_mib;
      return send(node);
    }
    Due due{.when = now, .node = index_of(node), .id = node.id, .number = 0, .stream = stream};
    if (options_.delay_ms == 0) return say(node, std::move(due));
    due.when += std::chrono::milliseconds(options_.delay_ms);
    due_.push(std::move(due));
  }

  void say(Node& node, Due due) {
    if (!due.stream) {
      messages_.whole(node.out, due.id);
      --node.running;
      return;
    }
    const auto now =
        std::chrono::duration_cast<std::chrono::microseconds>(Clock::now().time_since_epoch())
            .count();
    const bool last = due.number + 1 >= options_.events;
    messages_.event(node.out, due.id, due.number,
                    node.large > 0 ? 0 : static_cast<std::uint64_t>(now), last);
    ++events_;
    if (last) {
      --node.running;
      return;
    }
    due.when += due.number++ == 0 ? phase() : std::chrono::milliseconds(options_.interval_ms);
    due_.push(std::move(due));
  }

  // Within an interval. At the golden ratio's multiples, any number of them is spread evenly.
  std::chrono::microseconds phase() {
    const double part = std::fmod(0.6180339887498949 * static_cast<double>(streams_++), 1);
    return std::chrono::microseconds(
        static_cast<std::int64_t>(part * 1000 * static_cast<double>(options_.interval_ms)));
  }

  void send_due() {
    while (!due_.empty() && due_.top().when <= Clock::now()) {
      Due due = due_.top();
      due_.pop();
      Node& node = nodes_[due.node];
      if (node.fd < 0) continue;
      if (node.large_left > 0 && node.large_whole) {  // nothing goes between its fragments
        due.when += std::chrono::milliseconds(1);
        due_.push(std::move(due));
        continue;
      }
      late_ = std::max(late_, Clock::now() - due.when);
      say(node, std::move(due));
      if (!node.wants_write) send(node);
    }
  }

  // What the socket takes of what waits, and of a large answer.
  void send(Node& node) {
    std::size_t sent = 0;
    for (int rounds = 0; rounds < 4; ++rounds) {
      if (sent == node.out.size() && node.large_left > 0) {
        node.out.clear();
        sent = 0;
        if (node.large_whole) {
          messages_.large_whole(node.out, node.large_id, node.large_left == options_.large_mib,
                                node.large_left == 1);
        } else {
          messages_.large(node.out, node.large_id, node.large_left == 1);
        }
        if (--node.large_left == 0) {
          --node.large;
          --node.running;
        }
      }
      if (sent == node.out.size()) break;
      const ssize_t n =
          ::send(node.fd, node.out.data() + sent, node.out.size() - sent, MSG_NOSIGNAL);
      if (n < 0) {
        if (errno == EAGAIN) break;
        ++lost_;
        return leave(node);
      }
      sent += static_cast<std::size_t>(n);
    }
    node.out.erase(0, sent);
    const bool wants_write = !node.out.empty() || node.large_left > 0;
    if (wants_write == node.wants_write) return;
    node.wants_write = wants_write;
    watch(node, wants_write ? EPOLLIN | EPOLLOUT : EPOLLIN, EPOLL_CTL_MOD);
  }

  void leave(Node& node) {
    close(node.fd);
    node.fd = -1;
  }

  void take_command() {
    std::array<char, 256> line;
    const ssize_t n = ::read(STDIN_FILENO, line.data(), line.size());
    const std::string_view text(line.data(), static_cast<std::size_t>(std::max<ssize_t>(n, 0)));
    if (!text.starts_with("kill ")) {
      over_ = true;
      return;
    }
    const auto wanted = static_cast<unsigned>(number(text.substr(5)));
    unsigned killed = 0;
    unsigned requests = 0;
    for (Node& node : nodes_) {
      if (killed == wanted) break;
      if (node.fd < 0) continue;
      ++killed;
      requests += node.running;
      leave(node);
    }
    std::printf("killed %u %u\n", killed, requests);
    std::fflush(stdout);
  }

  int report() const {
    std::printf(
        "{\"nodes\": %u, \"lost\": %llu, \"requests\": %llu, \"events\": %llu, \"pings\": %llu, "
        "\"bytes\": %llu, \"most_late_ms\": %.1f, \"idle_share\": %.3f}\n",
        options_.nodes, static_cast<unsigned long long>(lost_),
        static_cast<unsigned long long>(requests_), static_cast<unsigned long long>(events_),
        static_cast<unsigned long long>(pings_), static_cast<unsigned long long>(bytes_),
        std::chrono::duration<double, std::milli>(late_).count(), waiter_.idle_share());
    return lost_ == 0 ? 0 : 1;
  }

  const Options options_;
  Waiter waiter_;
  Messages messages_;
  std::vector<Node> nodes_;
  std::priority_queue<Due, std::vector<Due>, Later> due_;
  int epoll_ = -1;
  unsigned opened_ = 0;
  unsigned joined_ = 0;
  bool told_ = false;
  bool over_ = false;
  std::uint64_t lost_ = 0, requests_ = 0, events_ = 0, pings_ = 0, bytes_ = 0, streams_ = 0;
  Clock::duration late_{};  // events that this program sent too late
  std::vector<char> room_ = std::vector<char>(256 << 10);
};

}  // namespace

int run_nodes(Options options) { return Nodes(std::move(options)).run(); }

}  // namespace bench
