// The little HTTP/1.1 that the bench's own tools share: just enough to talk to
// peers that are known to be well behaved, as fast as they allow.

#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

namespace bench {

inline bool starts_with_ignoring_case(std::string_view text, std::string_view lower) {
  if (text.size() < lower.size()) return false;
  for (std::size_t i = 0; i < lower.size(); ++i) {
    char c = text[i];
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    if (c != lower[i]) return false;
  }
  return true;
}

// The value of a header field in a head; empty if it is not there.
inline std::string_view header_value(std::string_view head, std::string_view lower_name) {
  std::size_t at = head.find("\r\n");
  while (at != std::string_view::npos && at + 2 < head.size()) {
    const std::size_t begin = at + 2;
    const std::size_t end = head.find("\r\n", begin);
    const std::string_view line = head.substr(begin, end - begin);
    if (line.size() > lower_name.size() && line[lower_name.size()] == ':' &&
        starts_with_ignoring_case(line, lower_name)) {
      std::string_view value = line.substr(lower_name.size() + 1);
      while (!value.empty() && value.front() == ' ') value.remove_prefix(1);
      return value;
    }
    at = end;
  }
  return {};
}

inline std::uint64_t number(std::string_view digits) {
  std::uint64_t n = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') break;
    n = n * 10 + static_cast<std::uint64_t>(c - '0');
  }
  return n;
}

// Takes a chunked body apart. feed() calls sink(piece) for each piece of content
// and returns how many bytes it used; done() tells that the body has ended.
class ChunkDecoder {
 public:
  void reset() { *this = ChunkDecoder(); }
  bool done() const { return state_ == State::kDone; }

  template <class Sink>
  std::size_t feed(std::string_view data, Sink&& sink) {
    std::size_t i = 0;
    while (i < data.size() && state_ != State::kDone) {
      if (state_ == State::kData) {
        const std::size_t n = std::min(remaining_, data.size() - i);
        sink(data.substr(i, n));
        remaining_ -= n;
        i += n;
        if (remaining_ == 0) state_ = State::kDataEnd;
        continue;
      }
      const char c = data[i++];
      switch (state_) {
        case State::kSize:
          if (c == '\n') {
            state_ = remaining_ == 0 ? State::kTrailer : State::kData;
            line_ = 0;
          } else if (c == ';') {
            state_ = State::kExtension;
          } else if (c != '\r') {
            const int digit = c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10;
            remaining_ = remaining_ * 16 + static_cast<std::size_t>(digit);
          }
          break;
        case State::kExtension:
          if (c == '\n') {
            state_ = remaining_ == 0 ? State::kTrailer : State::kData;
            line_ = 0;
          }
          break;
        case State::kDataEnd:
          if (c == '\n') state_ = State::kSize;
          break;
        case State::kTrailer:
          if (c == '\n') {
            if (line_ == 0) state_ = State::kDone;
            line_ = 0;
          } else if (c != '\r') {
            ++line_;
          }
          break;
        case State::kData:
        case State::kDone:
          break;
      }
    }
    return i;
  }

 private:
  enum class State : std::uint8_t { kSize, kExtension, kData, kDataEnd, kTrailer, kDone };
  State state_ = State::kSize;
  std::size_t remaining_ = 0;
  std::size_t line_ = 0;  // bytes in the current trailer line
};

}  // namespace bench
