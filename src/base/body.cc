#include "base/body.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

#include "base/large_block.h"

namespace wasat {
namespace {

// Sanitizers see overflows of what malloc gave.
#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define WASAT_ALL_MALLOC 1
#endif
#endif

bool is_large([[maybe_unused]] std::size_t capacity) {
#ifdef WASAT_ALL_MALLOC
  return false;
#else
  return capacity >= internal::kLargeBlock;
#endif
}

// What becomes of `capacity`: at least what was asked for.
char* allocate(std::size_t& capacity) {
  if (is_large(capacity)) {
    std::size_t size = capacity + kPadding;
    char* data = internal::allocate_large(size);
    capacity = size - kPadding;
    return data;
  }
  void* memory = std::malloc(capacity + kPadding);
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

void release(char* data, std::size_t capacity) {
  if (is_large(capacity)) return internal::free_large(data, capacity + kPadding);
  std::free(data);
}

}  // namespace

Buffer::Buffer(std::size_t capacity) : capacity_(capacity) { data_ = allocate(capacity_); }

Buffer::~Buffer() { release(data_, capacity_); }

std::shared_ptr<Buffer> Buffer::copy_of(std::string_view bytes) {
  auto buffer = std::make_shared<Buffer>(bytes.size());
  std::memcpy(buffer->data(), bytes.data(), bytes.size());
  buffer->resize(bytes.size());
  return buffer;
}

void Buffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  if (is_large(capacity_)) {
    std::size_t size = capacity + kPadding;
    data_ = internal::grow_large(data_, capacity_ + kPadding, size);
    capacity_ = size - kPadding;
    return;
  }
  char* larger = allocate(capacity);
  std::memcpy(larger, data_, size_);
  release(data_, capacity_);
  data_ = larger;
  capacity_ = capacity;
}

Body Body::of(std::string text) {
  auto owner = std::make_shared<const std::string>(std::move(text));
  Body body;
  body.append(*owner, owner);
  return body;
}

Body Body::of(std::shared_ptr<const Buffer> buffer) {
  Body body;
  const std::string_view bytes = buffer->view();
  body.append(bytes, std::move(buffer));
  return body;
}

void Body::append(std::string_view bytes, std::shared_ptr<const void> owner) {
  if (bytes.empty()) return;
  pieces_.push_back(bytes);
  if (owners_.empty() || owners_.back() != owner) owners_.push_back(std::move(owner));
  size_ += bytes.size();
}

std::string Body::flatten() const {
  std::string text;
  text.reserve(size_);
  for (const std::string_view piece : pieces_) text.append(piece);
  return text;
}

}  // namespace wasat
