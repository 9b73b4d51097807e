#include "net/buffer_pool.h"

#include <cstring>
#include <new>

namespace wasat::net {
namespace {

char* reallocate(char* old, std::size_t capacity) {
  void* memory = std::realloc(old, capacity + kPadding);
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

}  // namespace

void Block::reset() {
  if (data_ != nullptr) pool_->give_back(data_, capacity_);
  pool_ = nullptr;
  data_ = nullptr;
  capacity_ = begin_ = end_ = 0;
}

void Block::compact() {
  if (begin_ == 0) return;
  std::memmove(data_, data_ + begin_, size());
  end_ -= begin_;
  begin_ = 0;
}

void Block::grow(std::size_t capacity) {
  if (capacity <= capacity_) return;
  data_ = reallocate(data_, capacity);
  capacity_ = capacity;
}

BufferPool::~BufferPool() {
  for (char* data : free_) std::free(data);
}

Block BufferPool::borrow() {
  Block block;
  block.pool_ = this;
  block.capacity_ = kBlockSize;
  if (free_.empty()) {
    block.data_ = reallocate(nullptr, kBlockSize);
  } else {
    block.data_ = free_.back();
    free_.pop_back();
  }
  return block;
}

void BufferPool::give_back(char* data, std::size_t capacity) {
  if (capacity != kBlockSize || free_.size() >= kKept) return std::free(data);
  free_.push_back(data);
}

}  // namespace wasat::net
