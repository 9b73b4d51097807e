#include "http/chunked.h"

#include <algorithm>
#include <cstring>

#include "base/percent.h"

namespace wasat::http {
namespace {

bool text(char c) { return static_cast<unsigned char>(c) >= 0x20 || c == '\t'; }

}  // namespace

ChunkedDecoder::State ChunkedDecoder::next(State state, char c) {
  switch (state) {
    case State::kSizeStart:
    case State::kSize:
      if (const int digit = hex_digit(c); digit >= 0) {
        if (remaining_ >> 56 != 0) return State::kMalformed;
        remaining_ = remaining_ << 4 | static_cast<std::uint64_t>(digit);
        return State::kSize;
      }
      if (state == State::kSizeStart) return State::kMalformed;
      if (c == ';' || c == ' ' || c == '\t') return State::kExtension;
      return c == '\r' ? State::kSizeLf : State::kMalformed;
    case State::kExtension:
      if (c == '\r') return State::kSizeLf;
      return text(c) ? State::kExtension : State::kMalformed;
    case State::kSizeLf:
      if (c != '\n') return State::kMalformed;
      return remaining_ > 0 ? State::kData : State::kTrailerStart;
    case State::kDataCr:
      return c == '\r' ? State::kDataLf : State::kMalformed;
    case State::kDataLf:
      return c == '\n' ? State::kSizeStart : State::kMalformed;
    case State::kTrailerStart:
      if (c == '\r') return State::kEndLf;
      return text(c) ? State::kTrailer : State::kMalformed;
    case State::kTrailer:
      if (c == '\r') return State::kTrailerLf;
      return text(c) ? State::kTrailer : State::kMalformed;
    case State::kTrailerLf:
      return c == '\n' ? State::kTrailerStart : State::kMalformed;
    case State::kEndLf:
      return c == '\n' ? State::kEnd : State::kMalformed;
    case State::kData:
    case State::kEnd:
    case State::kMalformed:
      break;
  }
  return State::kMalformed;
}

ChunkedDecoder::Step ChunkedDecoder::decode(char* data, std::size_t size) {
  Step step;
  while (step.used < size && state_ != State::kEnd && state_ != State::kMalformed) {
    if (state_ == State::kData) {
      const auto n =
          static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, size - step.used));
      std::memmove(data + step.decoded, data + step.used, n);
      step.decoded += n;
      step.used += n;
      remaining_ -= n;
      overhead_ = 0;
      if (remaining_ == 0) state_ = State::kDataCr;
      continue;
    }
    state_ = ++overhead_ > kMostOverhead ? State::kMalformed : next(state_, data[step.used]);
    ++step.used;
  }
  return step;
}

}  // namespace wasat::http
