// FrameReader: bytes of a WebSocket to pieces of messages and control frames.
//
// Strict after RFC 6455, without extensions. Knows nothing of sockets: the caller
// keeps the bytes, feeds them from the front and drops what was used. Nothing is
// assembled: a frame that is longer than the caller's buffer comes in pieces, so
// a message of any length passes with the memory of one buffer. Any split of the
// bytes gives the same messages.

#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "ws/frame.h"
#include "ws/utf8.h"

namespace wasat::ws {

// A part of a message: a frame, or what has come of a long one.
struct Piece {
  Opcode opcode = Opcode::kText;  // of the message: kText or kBinary
  bool first = true;              // begins the message
  bool last = true;               // ends it
  std::span<char> bytes;          // unmasked; the reader of a piece may alter them
  // Bytes in front of `bytes` that nobody needs any more: a head fits in there.
  std::size_t room_before = 0;

  std::string_view view() const { return {bytes.data(), bytes.size()}; }
};

struct ReaderLimits {
  std::uint64_t max_message = 0;  // bytes; 0: any
  // Frames up to here come whole; the caller's buffer must hold one with its head.
  std::size_t whole_frame = 0;
  bool check_text = true;  // text must be UTF-8; who only passes it on leaves that to the ends
};

class FrameReader {
 public:
  FrameReader(Role role, ReaderLimits limits) : role_(role), limits_(limits) {}

  enum class Kind : std::uint8_t { kNeedMore, kPiece, kPing, kPong, kClose, kViolation };
  struct Step {
    Kind kind = Kind::kNeedMore;
    // Bytes of the front to drop. A piece and a control frame's payload lie in them.
    std::size_t used = 0;
    Piece piece;               // kPiece
    std::string_view payload;  // kPing, kPong: unmasked
    Close close;               // kClose; kViolation: with what to close, and what was wrong
  };

  // What stands at the front of `bytes`, which are unmasked in place. Behind a
  // close or a violation nothing more is read.
  Step next(std::span<char> bytes);

  // Within a message: its first piece was given, its last was not.
  bool in_message() const { return in_message_; }

 private:
  struct Head {
    std::size_t size = 0;  // 0: not complete yet
    Opcode opcode = Opcode::kText;
    bool last = false;
    std::uint64_t length = 0;
    Mask mask{};
  };
  const char* read_head(std::span<const char> bytes, Head& head) const;
  const char* check_head(const Head& head) const;
  Step control(std::span<char> payload, std::size_t used);
  Step data(std::span<char> payload, std::size_t head_used);
  Step violation(std::uint16_t code, const char* what);

  const Role role_;
  const ReaderLimits limits_;
  bool ended_ = false;
  bool in_message_ = false;
  Opcode message_ = Opcode::kText;
  std::uint64_t message_size_ = 0;
  Utf8 utf8_;
  // Of the data frame whose head has been read.
  Head frame_;
  bool in_frame_ = false;
  std::uint64_t given_ = 0;
};

}  // namespace wasat::ws
