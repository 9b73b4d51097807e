#include "ws/utf8.h"

#include <cstring>

namespace wasat::ws {

bool Utf8::feed(std::string_view bytes) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080;
  const char* at = bytes.data();
  const char* const end = at + bytes.size();
  while (at != end) {
    if (missing_ == 0) {
      // ASCII, eight at a time.
      std::uint64_t eight;
      while (end - at >= 8) {
        std::memcpy(&eight, at, sizeof eight);
        if ((eight & kHighBits) != 0) break;
        at += 8;
      }
      if (at == end) break;
    }
    const auto byte = static_cast<std::uint8_t>(*at++);
    if (missing_ > 0) {
      if (byte < low_ || byte > high_) return false;
      low_ = 0x80;
      high_ = 0xbf;
      --missing_;
    } else if (byte >= 0x80) {
      if (byte < 0xc2 || byte > 0xf4) return false;
      missing_ = byte < 0xe0 ? 1 : byte < 0xf0 ? 2 : 3;
      if (byte == 0xe0) low_ = 0xa0;
      if (byte == 0xed) high_ = 0x9f;
      if (byte == 0xf0) low_ = 0x90;
      if (byte == 0xf4) high_ = 0x8f;
    }
  }
  return true;
}

}  // namespace wasat::ws
