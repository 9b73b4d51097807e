// WriteQueue: two bounded lanes to one writer thread.
//
// Administrative transactions come first and are acknowledged; notes wait behind
// them, and are dropped and counted when their lane is full. Any thread pushes,
// one thread pops; the lock is held for a push or a swap of containers.

#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <mutex>
#include <vector>

#include "store/store.h"

namespace wasat::store {

class WriteQueue {
 public:
  struct Limits {
    std::size_t transactions = 1024;
    std::size_t notes = 8192;
    std::size_t notes_at_once = 512;     // given out as one batch
    std::size_t memo_bytes = 32u << 20;  // of the values in waiting notes
  };
  struct Transaction {
    std::vector<Change> changes;
    Done done;
  };
  // One transaction, or some notes, or nothing: the queue was closed and is empty.
  struct Batch {
    std::optional<Transaction> transaction;
    std::vector<Change> notes;
    bool empty() const { return !transaction && notes.empty(); }
  };

  explicit WriteQueue(Limits limits) : limits_(limits) {}

  // False: full or closed, and `transaction` was not taken.
  bool push(Transaction& transaction);
  void push(Change note);
  // Waits for the next batch. Notes are given out from `notes_from` on, transactions at once.
  Batch pop(std::chrono::steady_clock::time_point notes_from = {});
  // Notes that could not be written, to be given out again before all others. False: the queue
  // is closed, and they were not taken.
  bool put_back(std::vector<Change>& notes);
  // Lets pop() give out what waits, and takes no more.
  void close();

  // Notes that pop() has given out wait until their taker comes for more, or puts them back.
  std::size_t waiting() const;
  std::uint64_t dropped() const { return dropped_.load(std::memory_order_relaxed); }
  void count_dropped(std::uint64_t n) { dropped_.fetch_add(n, std::memory_order_relaxed); }

 private:
  const Limits limits_;
  mutable std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Transaction> transactions_;
  std::deque<Change> notes_;
  std::size_t memo_bytes_ = 0;
  std::size_t given_out_ = 0;  // notes
  bool closed_ = false;
  std::atomic<std::uint64_t> dropped_{0};
};

}  // namespace wasat::store
