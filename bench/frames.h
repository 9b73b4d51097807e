// The little of WebSocket that the bench's own tools share: whole frames between
// peers that are known to be well behaved.

#pragma once

#include <array>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace bench {

struct Frame {
  std::size_t size = 0;  // with its head; 0: not all of it is there
  int opcode = 0;
  bool last = true;          // of its message
  std::string_view payload;  // still masked
  std::array<char, 4> mask{};
};

inline Frame first_frame(std::string_view data) {
  const auto byte = [&data](std::size_t at) { return static_cast<unsigned char>(data[at]); };
  if (data.size() < 2) return {};
  const bool masked = (byte(1) & 0x80) != 0;
  std::size_t length = byte(1) & 0x7f;
  const std::size_t extended = length < 126 ? 0 : length == 126 ? 2 : 8;
  const std::size_t head = 2 + extended + (masked ? 4 : 0);
  if (data.size() < head) return {};
  if (extended > 0) length = 0;
  for (std::size_t i = 0; i < extended; ++i) length = length << 8 | byte(2 + i);
  if (data.size() < head + length) return {};
  Frame frame{.size = head + length,
              .opcode = byte(0) & 0x0f,
              .last = (byte(0) & 0x80) != 0,
              .payload = data.substr(head, length)};
  if (masked) std::memcpy(frame.mask.data(), data.data() + head - 4, 4);
  return frame;
}

// `mask`: of a client's frame; else null. `last`: of its message.
inline void append_frame(std::string& out, int opcode, std::string_view payload,
                         const std::array<char, 4>* mask, bool last = true) {
  out.push_back(static_cast<char>((last ? 0x80 : 0) | opcode));
  const int masked = mask != nullptr ? 0x80 : 0;
  if (payload.size() < 126) {
    out.push_back(static_cast<char>(masked | static_cast<int>(payload.size())));
  } else {
    const int bytes = payload.size() <= 0xffff ? 2 : 8;
    out.push_back(static_cast<char>(masked | (bytes == 2 ? 126 : 127)));
    for (int i = bytes - 1; i >= 0; --i) {
      out.push_back(static_cast<char>(payload.size() >> (8 * i) & 0xff));
    }
  }
  if (mask != nullptr) out.append(mask->data(), mask->size());
  const std::size_t begin = out.size();
  out.append(payload);
  if (mask == nullptr) return;
  for (std::size_t i = 0; i < payload.size(); ++i) {
    out[begin + i] = static_cast<char>(out[begin + i] ^ (*mask)[i % 4]);
  }
}

}  // namespace bench
