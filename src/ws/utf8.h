// Utf8: whether bytes that come in pieces are UTF-8 (RFC 3629), told as early as
// the first byte that cannot be.

#pragma once

#include <cstdint>
#include <string_view>

namespace wasat::ws {

class Utf8 {
 public:
  // False: it is none, whatever follows.
  bool feed(std::string_view bytes);
  // No character is begun and unfinished.
  bool complete() const { return missing_ == 0; }
  void reset() { *this = Utf8(); }

 private:
  std::uint8_t missing_ = 0;  // continuation bytes that must follow
  // What the next one must lie in: the second byte rules out overlong forms,
  // surrogates and what lies beyond U+10FFFF.
  std::uint8_t low_ = 0x80;
  std::uint8_t high_ = 0xbf;
};

inline bool is_utf8(std::string_view text) {
  Utf8 utf8;
  return utf8.feed(text) && utf8.complete();
}

}  // namespace wasat::ws
