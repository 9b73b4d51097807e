// Decoding the chunked transfer coding (RFC 9112 section 7.1), strictly.
//
// Our own, since Debian's llhttp is built without its strict mode and takes any
// two bytes for the CRLF behind a chunk's data. Extensions and trailers are
// skipped within a bound.

#pragma once

#include <cstddef>
#include <cstdint>

namespace wasat::http {

class ChunkedDecoder {
 public:
  // Bytes of size lines, extensions and trailers between two chunks' data.
  static constexpr std::size_t kMostOverhead = 16 * 1024;

  struct Step {
    std::size_t decoded = 0;  // bytes of the body, now at data[0, decoded)
    std::size_t used = 0;     // bytes of the input; less than size only at the end
  };

  // Decodes the next bytes in place.
  Step decode(char* data, std::size_t size);
  bool ended() const { return state_ == State::kEnd; }
  bool malformed() const { return state_ == State::kMalformed; }

 private:
  enum class State : std::uint8_t {
    kSizeStart,  // at least one hex digit
    kSize,
    kExtension,  // until CR
    kSizeLf,
    kData,
    kDataCr,
    kDataLf,
    kTrailerStart,  // a trailer line, or the final CRLF
    kTrailer,
    kTrailerLf,
    kEndLf,
    kEnd,
    kMalformed,
  };
  State next(State state, char c);

  State state_ = State::kSizeStart;
  std::uint64_t remaining_ = 0;  // of the chunk's data; the size while it is read
  std::size_t overhead_ = 0;
};

}  // namespace wasat::http
