#include "observe/line_log.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>
#include <utility>

namespace wasat::observe {
namespace {

constexpr int kOff = -1;
// Rounds without a line before the writer sleeps until it is woken.
constexpr int kQuietRounds = 4;

int open_file(const std::string& path) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
}

std::string cannot_open(const std::string& path) {
  return "cannot open the log " + path + " (" + std::strerror(errno) +
         "). Check its folder and its rights, or set WASAT_ACCESS_LOG to another path, to \"-\" "
         "(standard output) or to \"off\"";
}

bool may_stop_taking(int descriptor) {
  struct stat info{};
  return fstat(descriptor, &info) == 0 && (S_ISFIFO(info.st_mode) || S_ISSOCK(info.st_mode));
}

// As write(), but never waits on a pipe (which is ready for PIPE_BUF bytes when
// it is ready at all) or a socket, even when they are in blocking mode.
ssize_t write_some(int descriptor, std::string_view bytes, bool bounded) {
  if (!bounded) return write(descriptor, bytes.data(), bytes.size());
  const ssize_t sent = send(descriptor, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  if (sent >= 0 || errno != ENOTSOCK) return sent;
  return write(descriptor, bytes.data(), std::min<std::size_t>(bytes.size(), PIPE_BUF));
}

}  // namespace

Result<std::unique_ptr<LineLog>> LineLog::open(Options options) {
  if (options.path == "off") return on_descriptor(kOff, std::move(options));
  if (options.path == "-") return on_descriptor(STDOUT_FILENO, std::move(options));
  const int descriptor = open_file(options.path);
  if (descriptor < 0) return fail(internal_error(cannot_open(options.path)));
  return std::unique_ptr<LineLog>(new LineLog(descriptor, true, std::move(options)));
}

std::unique_ptr<LineLog> LineLog::on_descriptor(int descriptor, Options options) {
  return std::unique_ptr<LineLog>(new LineLog(descriptor, false, std::move(options)));
}

LineLog::LineLog(int descriptor, bool owned, Options options)
    : options_(std::move(options)),
      enabled_(descriptor != kOff),
      descriptor_(descriptor),
      owned_(owned),
      bounded_(may_stop_taking(descriptor)) {
  if (!enabled_) return;
  for (std::size_t i = 0; i < options_.lanes; ++i) {
    lanes_.push_back(std::make_unique<Lane>(options_.lane_bytes));
  }
  writer_ = std::thread([this] { run(); });
}

LineLog::~LineLog() {
  stop();
  if (owned_) close(descriptor_);
}

void LineLog::wake() {
  // One appender of all wins, so that the lock is not contended.
  if (!asleep_.exchange(false)) return;
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_one();
}

void LineLog::reopen() {
  {
    const std::lock_guard lock(mutex_);
    reopen_ = true;
  }
  changed_.notify_one();
}

void LineLog::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (!stop_) give_up_at_ = std::chrono::steady_clock::now() + options_.farewell;
    stop_ = true;
  }
  changed_.notify_one();
  if (writer_.joinable()) writer_.join();
}

std::uint64_t LineLog::dropped() const {
  std::uint64_t sum = unwritten_.load(std::memory_order_relaxed);
  for (const auto& lane : lanes_) sum += lane->dropped.load(std::memory_order_relaxed);
  return sum;
}

std::string LineLog::problem() const {
  const std::lock_guard lock(mutex_);
  return problem_;
}

void LineLog::set_problem(std::string text) {
  const std::lock_guard lock(mutex_);
  problem_ = std::move(text);
}

void LineLog::run() {
  int quiet = 0;
  for (;;) {
    const bool wrote = write_lanes();
    quiet = wrote ? 0 : quiet + 1;
    std::unique_lock lock(mutex_);
    if (stop_ && !wrote) return;
    const auto called = [&] { return stop_ || reopen_ || woken_; };
    if (quiet < kQuietRounds) {
      changed_.wait_for(lock, options_.interval, [&] { return stop_ || reopen_; });
    } else {
      asleep_.store(true, std::memory_order_seq_cst);
      // A line may have come before its appender could see that we sleep.
      const bool missed =
          std::ranges::any_of(lanes_, [](const auto& lane) { return !lane->ring.front().empty(); });
      if (!missed) changed_.wait(lock, called);
      asleep_.store(false, std::memory_order_relaxed);
      woken_ = false;
      quiet = 0;
    }
    if (reopen_) {
      reopen_ = false;
      lock.unlock();
      reopen_now();
    }
  }
}

// True when there was something.
bool LineLog::write_lanes() {
  bool any = false;
  for (const auto& lane : lanes_) {
    // Twice, since the ring may wrap around; no more, so that all lanes get their turn.
    for (int part = 0; part < 2; ++part) {
      const std::string_view bytes = lane->ring.front();
      if (bytes.empty()) break;
      any = true;
      if (!write_out(bytes)) {
        const auto lines = std::ranges::count(bytes, '\n');
        unwritten_.fetch_add(static_cast<std::uint64_t>(lines), std::memory_order_relaxed);
      }
      lane->ring.consume(bytes.size());
    }
  }
  return any;
}

bool LineLog::write_out(std::string_view bytes) {
  while (!bytes.empty()) {
    if (bounded_) {
      pollfd ready{.fd = descriptor_, .events = POLLOUT, .revents = 0};
      if (poll(&ready, 1, 100) == 0) {
        const std::lock_guard lock(mutex_);
        if (stop_ && std::chrono::steady_clock::now() >= give_up_at_) return false;
        continue;
      }
    }
    const ssize_t n = write_some(descriptor_, bytes, bounded_);
    if (n >= 0) {
      bytes.remove_prefix(static_cast<std::size_t>(n));
    } else if (errno == EAGAIN && !bounded_) {
      bounded_ = true;  // a terminal in non-blocking mode
    } else if (errno != EINTR && errno != EAGAIN) {
      set_problem("cannot write the log (" + std::string(std::strerror(errno)) +
                  "). Lines are dropped until it can be written again: check its disk and reader");
      failing_ = true;
      return false;
    }
  }
  if (std::exchange(failing_, false)) set_problem({});
  return true;
}

void LineLog::reopen_now() {
  if (!owned_) return;
  const int descriptor = open_file(options_.path);
  if (descriptor < 0) {
    failing_ = true;
    return set_problem(cannot_open(options_.path));
  }
  close(descriptor_);
  descriptor_ = descriptor;
}

}  // namespace wasat::observe
