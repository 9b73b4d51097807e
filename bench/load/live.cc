// WebSocket sessions: each is set up, then sends frames at an even rate and counts
// the answers, which must come back whole and in order.

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <deque>
#include <string_view>

#include "bench/frames.h"
#include "bench/load/load.h"
#include "bench/wire.h"

namespace bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds kStartTime{30};
constexpr std::array<char, 4> kMask{0x12, 0x34, 0x56, 0x78};

struct Session {
  int fd = -1;
  bool connecting = true;
  bool upgraded = false;
  bool ready = false;
  unsigned sent = 0;
  unsigned received = 0;
  std::string in;
  std::deque<Clock::time_point> sent_at;
};

class LiveLoad {
 public:
  explicit LiveLoad(Options options)
      : options_(std::move(options)), sessions_(options_.connections) {
    upgrade_ = "GET " + options_.path +
               " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
               "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
    for (const std::string& header : options_.headers) upgrade_ += header + "\r\n";
    upgrade_ += "\r\n";
    append_frame(setup_, 1, R"({"setup":{"model":"models/gemini-2.0-flash-live-001"}})", &kMask);
    payload_ = R"({"realtimeInput":{"audio":{"mimeType":"audio/pcm;rate=16000","data":"#000000 )";
    const std::string end = "\"}}}";
    payload_.resize(std::max(payload_.size(), options_.size - std::min(options_.size, end.size())),
                    'A');
    payload_ += end;
    digits_ = payload_.find('#') + 1;
  }

  int run() {
    epoll_ = epoll_create1(EPOLL_CLOEXEC);
    if (!begin()) return report(result_, 0);
    std::puts("progress");
    std::fflush(stdout);
    const Clock::time_point begin = Clock::now();
    const auto interval = duration(1 / options_.rate);
    // Evenly over the interval, so that the proxy sees them one by one.
    for (std::size_t i = 0; i < sessions_.size(); ++i) {
      due_.push_back({begin + interval * i / sessions_.size(), i});
    }
    const Clock::time_point end = begin + duration(options_.duration);
    while (Clock::now() < end) {
      send_due(interval);
      serve_events(1);
    }
    // What is still under way.
    const Clock::time_point give_up = Clock::now() + std::chrono::seconds(2);
    while (result_.requests > result_.events && Clock::now() < give_up) serve_events(10);
    result_.lost += result_.requests - std::min(result_.requests, result_.events);
    const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
    for (const Session& session : sessions_) close(session.fd);
    return report(result_, seconds);
  }

 private:
  struct Due {
    Clock::time_point when;
    std::size_t session;
  };

  static Clock::duration duration(double seconds) {
    return std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
  }

  // Until all sessions are set up.
  bool begin() {
    const Clock::time_point give_up = Clock::now() + kStartTime;
    std::size_t opened = 0;
    while (ready_ < sessions_.size() && result_.errors + result_.bad_status == 0) {
      if (Clock::now() > give_up) {
        ++result_.errors;
        std::fprintf(stderr, "bench_load: %zu of %zu sessions began\n", ready_, sessions_.size());
        return false;
      }
      for (; opened < sessions_.size() && opened - ready_ < options_.ramp; ++opened) {
        Session& session = sessions_[opened];
        session.fd = connect_to(options_.port);
        watch(opened, EPOLLIN | EPOLLOUT, EPOLL_CTL_ADD);
      }
      serve_events(10);
    }
    return result_.errors + result_.bad_status == 0;
  }

  void watch(std::size_t index, std::uint32_t what, int operation) {
    epoll_event event{};
    event.events = what;
    event.data.u64 = index;
    epoll_ctl(epoll_, operation, sessions_[index].fd, &event);
  }

  void serve_events(int milliseconds) {
    std::array<epoll_event, 512> events;
    const int n = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), milliseconds);
    for (int i = 0; i < n; ++i) {
      const epoll_event& event = events[static_cast<std::size_t>(i)];
      Session& session = sessions_[event.data.u64];
      if (session.connecting && (event.events & EPOLLOUT) != 0) {
        session.connecting = false;
        watch(event.data.u64, EPOLLIN, EPOLL_CTL_MOD);
        send(session, upgrade_);
      }
      if ((event.events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0) read(session);
    }
  }

  void send_due(Clock::duration interval) {
    const Clock::time_point now = Clock::now();
    while (!due_.empty() && due_.front().when <= now) {
      const Due due = due_.front();
      due_.pop_front();
      due_.push_back({due.when + interval, due.session});
      Session& session = sessions_[due.session];
      char digits[16];
      std::snprintf(digits, sizeof digits, "%06u", session.sent % 1000000);
      std::memcpy(payload_.data() + digits_, digits, 6);
      frame_.clear();
      append_frame(frame_, 1, payload_, &kMask);
      session.sent_at.push_back(now);
      ++session.sent;
      ++result_.requests;
      send(session, frame_);
    }
  }

  void send(Session& session, std::string_view data) {
    if (::send(session.fd, data.data(), data.size(), MSG_NOSIGNAL) !=
        static_cast<ssize_t>(data.size())) {
      ++result_.errors;
    }
  }

  void read(Session& session) {
    const ssize_t n = recv(session.fd, room_.data(), room_.size(), 0);
    if (n <= 0) {
      if (n < 0 && errno == EAGAIN) return;
      ++result_.errors;
      epoll_ctl(epoll_, EPOLL_CTL_DEL, session.fd, nullptr);
      return;
    }
    std::string_view data(room_.data(), static_cast<std::size_t>(n));
    result_.bytes += data.size();
    if (!session.in.empty()) {
      session.in.append(data);
      data = session.in;
    }
    std::size_t used = 0;
    if (!session.upgraded) used = take_head(session, data);
    while (session.upgraded) {
      const Frame frame = first_frame(data.substr(used));
      if (frame.size == 0) break;
      used += frame.size;
      take(session, frame);
    }
    session.in = std::string(data.substr(used));
  }

  std::size_t take_head(Session& session, std::string_view data) {
    const std::size_t end = data.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    const int status = static_cast<int>(number(data.substr(data.find(' ') + 1)));
    if (status != 101) {
      ++result_.bad_status;
      result_.last_bad_status = status;
      return data.size();
    }
    session.upgraded = true;
    send(session, setup_);
    return end + 4;
  }

  void take(Session& session, const Frame& frame) {
    if (frame.opcode == 8) {
      ++result_.errors;
      return;
    }
    if (frame.opcode > 2) return;
    if (!session.ready) {
      session.ready = true;
      ++ready_;
      return;
    }
    const std::size_t at = frame.payload.find('#');
    if (at == std::string_view::npos || frame.payload.size() != payload_.size()) {
      ++result_.torn;
      return;
    }
    if (number(frame.payload.substr(at + 1)) != session.received % 1000000) ++result_.lost;
    ++session.received;
    ++result_.events;
    result_.latencies.push_back(
        std::chrono::duration<float, std::micro>(Clock::now() - session.sent_at.front()).count());
    session.sent_at.pop_front();
  }

  const Options options_;
  std::vector<Session> sessions_;
  std::string upgrade_, setup_, payload_, frame_;
  std::size_t digits_ = 0;
  std::size_t ready_ = 0;
  std::deque<Due> due_;
  Result result_;
  int epoll_ = -1;
  std::vector<char> room_ = std::vector<char>(64 << 10);
};

}  // namespace

int run_live(Options options) { return LiveLoad(std::move(options)).run(); }

}  // namespace bench
