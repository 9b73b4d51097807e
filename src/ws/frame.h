// What goes over a WebSocket: opcodes, close codes, the heads of frames, masks
// (RFC 6455 sections 5.2 to 5.5 and 7.4). Pure functions; any thread.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace wasat::ws {

enum class Opcode : std::uint8_t {
  kContinuation = 0,
  kText = 1,
  kBinary = 2,
  kClose = 8,
  kPing = 9,
  kPong = 10,
};
constexpr bool is_control(Opcode opcode) { return static_cast<std::uint8_t>(opcode) >= 8; }

// Which end of the connection we are: clients mask what they send, servers never do.
enum class Role : std::uint8_t { kServer, kClient };

// Section 7.4.1, and the registry that it founds.
enum CloseCode : std::uint16_t {
  kNormal = 1000,
  kGoingAway = 1001,
  kProtocolError = 1002,
  kUnsupportedData = 1003,
  kNoCode = 1005,    // never sent: the close frame had none
  kAbnormal = 1006,  // never sent: there was no close frame
  kInvalidData = 1007,
  kPolicyViolation = 1008,
  kTooBig = 1009,
  kInternalFailure = 1011,
  kTryAgainLater = 1013,
};
// Whether the code may stand in a close frame.
bool is_close_code(std::uint16_t code);

inline constexpr std::size_t kMostControl = 125;  // bytes of a control frame's payload
inline constexpr std::size_t kMostReason = kMostControl - 2;
inline constexpr std::size_t kMostHead = 14;

// Why a connection closes.
struct Close {
  std::uint16_t code = kNoCode;
  std::string reason;  // UTF-8, at most kMostReason bytes
};

using Mask = std::array<unsigned char, 4>;

struct FrameHead {
  Opcode opcode = Opcode::kText;
  bool last = true;  // FIN
  std::uint64_t length = 0;
  const Mask* mask = nullptr;  // null: not masked
};
constexpr std::size_t head_size(std::uint64_t length, bool masked) {
  return (length < 126 ? 2u : length <= 0xffff ? 4u : 10u) + (masked ? 4u : 0u);
}
// Writes head_size() bytes.
void write_head(char* out, const FrameHead& head);

// Masks or unmasks in place, eight bytes at a time or more. `offset` is the position of
// bytes[0] in its frame's payload.
void apply_mask(std::span<char> bytes, const Mask& mask, std::uint64_t offset = 0);

// Appends a whole control frame with a payload of at most kMostControl bytes.
void append_control(std::string& out, Opcode opcode, std::string_view payload, const Mask* mask);
// The payload of a close frame. Codes that must not be sent make it empty; a reason
// that is too long is cut at a character's boundary.
std::string close_payload(std::uint16_t code, std::string_view reason);

}  // namespace wasat::ws
