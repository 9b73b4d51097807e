#include "ws/frame.h"

#include <algorithm>
#include <cstring>

namespace wasat::ws {

bool is_close_code(std::uint16_t code) {
  if (code >= 3000) return code <= 4999;  // of libraries and of applications
  return code >= 1000 && code <= 1014 && code != 1004 && code != kNoCode && code != kAbnormal;
}

void write_head(char* out, const FrameHead& head) {
  auto* at = reinterpret_cast<unsigned char*>(out);
  const auto big_endian = [&at](std::uint64_t value, int bytes) {
    for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) {
      *at++ = static_cast<unsigned char>(value >> shift);
    }
  };
  *at++ = static_cast<unsigned char>((head.last ? 0x80 : 0) | static_cast<int>(head.opcode));
  const unsigned masked = head.mask != nullptr ? 0x80 : 0;
  if (head.length < 126) {
    *at++ = static_cast<unsigned char>(masked | static_cast<unsigned>(head.length));
  } else if (head.length <= 0xffff) {
    *at++ = static_cast<unsigned char>(masked | 126);
    big_endian(head.length, 2);
  } else {
    *at++ = static_cast<unsigned char>(masked | 127);
    big_endian(head.length, 8);
  }
  if (head.mask != nullptr) std::memcpy(at, head.mask->data(), head.mask->size());
}

void apply_mask(std::span<char> bytes, const Mask& mask, std::uint64_t offset) {
  Mask turned;
  for (std::size_t i = 0; i < turned.size(); ++i) turned[i] = mask[(offset + i) % 4];
  std::uint32_t word;
  std::memcpy(&word, turned.data(), sizeof word);
  const std::uint64_t wide = std::uint64_t{word} << 32 | word;
  char* at = bytes.data();
  std::size_t left = bytes.size();
  // The compiler makes vectors of this.
  for (; left >= 8; left -= 8, at += 8) {
    std::uint64_t eight;
    std::memcpy(&eight, at, sizeof eight);
    eight ^= wide;
    std::memcpy(at, &eight, sizeof eight);
  }
  for (std::size_t i = 0; i < left; ++i) at[i] = static_cast<char>(at[i] ^ turned[i % 4]);
}

void append_control(std::string& out, Opcode opcode, std::string_view payload, const Mask* mask) {
  const std::size_t head = head_size(payload.size(), mask != nullptr);
  const std::size_t begin = out.size();
  out.resize(begin + head + payload.size());
  write_head(out.data() + begin, {.opcode = opcode, .length = payload.size(), .mask = mask});
  std::ranges::copy(payload, out.data() + begin + head);
  if (mask != nullptr) apply_mask({out.data() + begin + head, payload.size()}, *mask);
}

std::string close_payload(std::uint16_t code, std::string_view reason) {
  if (!is_close_code(code)) return {};
  std::size_t n = std::min(reason.size(), kMostReason);
  if (n < reason.size()) {
    while (n > 0 && (static_cast<unsigned char>(reason[n]) & 0xc0) == 0x80) --n;
  }
  std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
  return payload.append(reason.substr(0, n));
}

}  // namespace wasat::ws
