// Blocks of bytes that a connection borrows while it has something to read, so
// that idle connections hold none.

#pragma once

#include <cstddef>
#include <cstdlib>
#include <string_view>
#include <utility>
#include <vector>

#include "base/body.h"

namespace wasat::net {

class BufferPool;

// A borrowed block with the bytes [begin, end) in use. Behind capacity() follow
// kPadding readable bytes. Gives itself back when destroyed or reset.
class Block {
 public:
  Block() = default;
  Block(Block&& other) noexcept { swap(other); }
  Block& operator=(Block&& other) noexcept {
    Block(std::move(other)).swap(*this);
    return *this;
  }
  ~Block() { reset(); }

  explicit operator bool() const { return data_ != nullptr; }
  void reset();

  std::size_t size() const { return end_ - begin_; }
  bool empty() const { return begin_ == end_; }
  std::string_view view() const { return {data_ + begin_, size()}; }
  char* data() { return data_ + begin_; }
  std::size_t capacity() const { return capacity_; }

  // Free room behind the used bytes.
  char* room() { return data_ + end_; }
  std::size_t room_size() const { return capacity_ - end_; }
  void added(std::size_t n) { end_ += n; }
  void consume(std::size_t n) { begin_ += n; }
  // Keeps the first `n` of the used bytes.
  void shrink(std::size_t n) { end_ = begin_ + n; }
  // Drops all used bytes.
  void rewind() { begin_ = end_ = 0; }
  // Moves the used bytes to the front.
  void compact();
  // Makes the block at least `capacity` bytes large; views become invalid.
  void grow(std::size_t capacity);

 private:
  friend class BufferPool;
  void swap(Block& other) noexcept {
    std::swap(pool_, other.pool_);
    std::swap(data_, other.data_);
    std::swap(capacity_, other.capacity_);
    std::swap(begin_, other.begin_);
    std::swap(end_, other.end_);
  }

  BufferPool* pool_ = nullptr;
  char* data_ = nullptr;
  std::size_t capacity_ = 0;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

class BufferPool {
 public:
  static constexpr std::size_t kBlockSize = 16 * 1024;
  static constexpr std::size_t kKept = 128;  // free blocks held for reuse

  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool();

  Block borrow();

 private:
  friend class Block;
  void give_back(char* data, std::size_t capacity);
  std::vector<char*> free_;
};

}  // namespace wasat::net
