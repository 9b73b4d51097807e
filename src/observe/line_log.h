// LineLog: one line per exchange, written by a thread of its own.
//
// Owned by composition; workers append, each to its own lane, without a lock and
// without a system call (unless the writer sleeps and must be woken). The writer
// empties the lanes every few milliseconds. What does not fit is counted and
// dropped: a full disk or a stopped reader of our output slows nobody down.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/result.h"
#include "observe/line_ring.h"

namespace wasat::observe {

class LineLog {
 public:
  struct Options {
    std::string path = "-";  // a file to append to; "-": standard output; "off": nothing
    std::size_t lanes = 1;   // one per worker
    std::size_t lane_bytes = 512 << 10;        // a power of two
    std::chrono::milliseconds interval{10};    // between two rounds of the writer
    std::chrono::milliseconds farewell{2000};  // how long stop() tries to write the rest
  };

  static Result<std::unique_ptr<LineLog>> open(Options options);
  // On a descriptor that the caller owns, for tests.
  static std::unique_ptr<LineLog> on_descriptor(int descriptor, Options options);
  ~LineLog();

  // False: lines go nowhere, and need not be made.
  bool enabled() const { return enabled_; }

  // `line` has no line feed. Only from the thread that owns `lane`.
  void append(std::size_t lane, std::string_view line) {
    if (!enabled_) return;
    Lane& own = *lanes_[lane];
    if (!own.ring.push(line)) {
      own.dropped.store(own.dropped.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
      return;
    }
    // Either the writer sees the line before it sleeps, or we see that it sleeps.
    if (asleep_.load(std::memory_order_seq_cst)) wake();
  }

  // Opens the path again, for log rotation; the old file is kept if that fails.
  void reopen();
  // Writes what waits (the appenders have ended) and ends the writer.
  void stop();

  // Lines that did not fit, and lines that could not be written.
  std::uint64_t dropped() const;
  // Of the last write or reopening that failed; empty: all is well.
  std::string problem() const;
  // The writer found nothing for a while, and the next line wakes it.
  bool asleep() const { return asleep_.load(std::memory_order_relaxed); }

 private:
  struct Lane {
    explicit Lane(std::size_t bytes) : ring(bytes) {}
    LineRing ring;
    std::atomic<std::uint64_t> dropped{0};
  };

  LineLog(int descriptor, bool owned, Options options);
  void wake();
  void run();
  bool write_lanes();
  bool write_out(std::string_view bytes);
  void reopen_now();
  void set_problem(std::string text);

  const Options options_;
  const bool enabled_;
  int descriptor_;  // the writer's, once it runs
  bool owned_;
  bool failing_ = false;  // the last write did
  bool bounded_ = false;  // a pipe or socket, which may stop taking bytes
  std::vector<std::unique_ptr<Lane>> lanes_;
  std::atomic<std::uint64_t> unwritten_{0};

  mutable std::mutex mutex_;  // of what follows
  std::condition_variable changed_;
  bool woken_ = false;
  bool reopen_ = false;
  bool stop_ = false;
  std::chrono::steady_clock::time_point give_up_at_{};
  std::string problem_;

  std::atomic<bool> asleep_{false};
  std::thread writer_;
};

}  // namespace wasat::observe
