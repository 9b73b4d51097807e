// Secret: text that no logger can print by accident.
//
// It has no stream operator, no formatter, no comparison and no implicit
// conversion; whoever needs the bytes says reveal(), which is easy to search
// for. Its memory is its own allocation, wiped when it ends or is replaced.

#pragma once

#include <cstddef>
#include <iosfwd>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace wasat {

class Secret {
 public:
  Secret() = default;
  // Copies; wiping the source is the caller's business.
  explicit Secret(std::string_view text);
  Secret(const Secret& other) : Secret(other.reveal()) {}
  Secret(Secret&& other) noexcept
      : text_(std::move(other.text_)), size_(std::exchange(other.size_, 0)) {}
  Secret& operator=(Secret other) noexcept;
  ~Secret();

  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  // The bytes themselves; valid as long as this Secret.
  std::string_view reveal() const { return {text_.get(), size_}; }
  // Takes the same time wherever the texts differ; the lengths are no secret.
  bool equals(std::string_view other) const;
  // For people who must tell one key from another: the first 8 characters and
  // "...", fewer of a text that is shorter than 32.
  std::string mask() const;

  friend bool operator==(const Secret&, const Secret&) = delete;
  template <class Stream>
  friend Stream& operator<<(Stream&, const Secret&) = delete;

 private:
  std::unique_ptr<char[]> text_;
  std::size_t size_ = 0;
};

}  // namespace wasat
