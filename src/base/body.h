// Bytes that many may read and nobody may change.
//
// Buffer: one allocation, reference counted across threads, with kPadding
// readable bytes behind its end (the JSON reader needs them).
// Body: a rope of views into buffers, so that a large part of a client's
// request is passed upstream without being copied or escaped again.

#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace wasat {

// Readable bytes that follow the end of every Buffer and every PaddedView.
inline constexpr std::size_t kPadding = 64;

// A view whose end is followed by kPadding readable bytes.
class PaddedView {
 public:
  constexpr PaddedView() = default;
  // The caller promises that kPadding bytes behind `bytes` can be read.
  static constexpr PaddedView promise(std::string_view bytes) { return PaddedView(bytes); }
  constexpr std::string_view view() const { return bytes_; }
  constexpr std::size_t size() const { return bytes_.size(); }

 private:
  explicit constexpr PaddedView(std::string_view bytes) : bytes_(bytes) {}
  std::string_view bytes_;
};

class Buffer {
 public:
  // Room for at least `capacity` bytes; size() is 0.
  explicit Buffer(std::size_t capacity);
  static std::shared_ptr<Buffer> copy_of(std::string_view bytes);

  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer();

  char* data() { return data_; }
  const char* data() const { return data_; }
  std::size_t size() const { return size_; }
  std::size_t capacity() const { return capacity_; }
  // n <= capacity(). Shared buffers are no longer resized.
  void resize(std::size_t n) { size_ = n; }
  // Grows to at least `capacity`, keeping the bytes; views become invalid.
  void reserve(std::size_t capacity);

  std::string_view view() const { return {data_, size_}; }
  PaddedView padded() const { return PaddedView::promise(view()); }

 private:
  char* data_;
  std::size_t size_ = 0;
  std::size_t capacity_;
};

class Body {
 public:
  Body() = default;
  static Body of(std::string text);
  static Body of(std::shared_ptr<const Buffer> buffer);

  // Appends a view into `owner`, which stays alive as long as this body.
  void append(std::string_view bytes, std::shared_ptr<const void> owner);

  const std::vector<std::string_view>& pieces() const { return pieces_; }
  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  // For tests and small bodies.
  std::string flatten() const;

 private:
  std::vector<std::string_view> pieces_;
  std::vector<std::shared_ptr<const void>> owners_;
  std::size_t size_ = 0;
};

}  // namespace wasat
