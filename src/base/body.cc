#include "base/body.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace wasat {
namespace {

// malloc and realloc, so that large buffers grow by remapping pages.
char* grow(char* old, std::size_t capacity) {
  void* memory = std::realloc(old, capacity + kPadding);
  if (memory == nullptr) throw std::bad_alloc();
  return static_cast<char*>(memory);
}

}  // namespace

Buffer::Buffer(std::size_t capacity) : data_(grow(nullptr, capacity)), capacity_(capacity) {}

Buffer::~Buffer() { std::free(data_); }

std::shared_ptr<Buffer> Buffer::copy_of(std::string_view bytes) {
  auto buffer = std::make_shared<Buffer>(bytes.size());
  std::memcpy(buffer->data(), bytes.data(), bytes.size());
  buffer->resize(bytes.size());
  return buffer;
}

void Buffer::reserve(std::size_t capacity) {
  if (capacity <= capacity_) return;
  data_ = grow(data_, capacity);
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
