// LineRing: whole lines from one producing thread to one consuming thread.
//
// A bounded ring of bytes. What is between tail and head is always a number of
// complete lines, so a line that does not fit is refused whole.

#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstring>
#include <memory>
#include <string_view>

namespace wasat::observe {

class LineRing {
 public:
  // `capacity` is a power of two. Its pages are touched when they are used.
  explicit LineRing(std::size_t capacity)
      : capacity_(capacity), bytes_(std::make_unique_for_overwrite<char[]>(capacity)) {}

  // Producer: appends `line` and '\n', or nothing when there is no room.
  bool push(std::string_view line) {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    const std::size_t size = line.size() + 1;
    if (size > capacity_ - (tail - known_head_)) {
      known_head_ = head_.load(std::memory_order_acquire);
      if (size > capacity_ - (tail - known_head_)) return false;
    }
    copy(tail, line);
    bytes_[(tail + line.size()) & (capacity_ - 1)] = '\n';
    // Ordered against the consumer's word that it sleeps, see LineLog::append.
    tail_.store(tail + size, std::memory_order_seq_cst);
    return true;
  }

  // Consumer: what can be written next; empty: nothing. The rest, if any, follows
  // after consume().
  std::string_view front() const {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    const std::size_t size = tail_.load(std::memory_order_seq_cst) - head;
    const std::size_t start = head & (capacity_ - 1);
    return {bytes_.get() + start, std::min(size, capacity_ - start)};
  }
  void consume(std::size_t size) {
    head_.store(head_.load(std::memory_order_relaxed) + size, std::memory_order_release);
  }

  std::size_t capacity() const { return capacity_; }

 private:
  void copy(std::size_t at, std::string_view text) {
    const std::size_t start = at & (capacity_ - 1);
    const std::size_t first = std::min(text.size(), capacity_ - start);
    std::memcpy(bytes_.get() + start, text.data(), first);
    std::memcpy(bytes_.get(), text.data() + first, text.size() - first);
  }

  const std::size_t capacity_;
  const std::unique_ptr<char[]> bytes_;
  // Both count bytes since the beginning; each on a cache line of its writer.
  alignas(64) std::atomic<std::size_t> tail_{0};
  std::size_t known_head_ = 0;  // the producer's last look
  alignas(64) std::atomic<std::size_t> head_{0};
};

}  // namespace wasat::observe
