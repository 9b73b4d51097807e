#include "ws/frame_reader.h"

#include <algorithm>
#include <cstring>

namespace wasat::ws {

FrameReader::Step FrameReader::violation(std::uint16_t code, const char* what) {
  ended_ = true;
  return {.kind = Kind::kViolation, .close = {code, what}};
}

// Section 5.2. Returns what is wrong; head.size stays 0 when there is too little.
const char* FrameReader::read_head(std::span<const char> bytes, Head& head) const {
  if (bytes.empty()) return nullptr;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  const unsigned opcode = at[0] & 0x0f;
  if ((at[0] & 0x70) != 0) return "a reserved bit is set, but no extension was agreed on";
  if (opcode > 10 || (opcode > 2 && opcode < 8)) return "the frame's opcode is reserved";
  head.opcode = static_cast<Opcode>(opcode);
  head.last = (at[0] & 0x80) != 0;
  if (bytes.size() < 2) return nullptr;
  const bool masked = (at[1] & 0x80) != 0;
  if (masked != (role_ == Role::kServer)) {
    return masked ? "a server must not mask its frames" : "a client must mask its frames";
  }
  const unsigned form = at[1] & 0x7f;
  if (is_control(head.opcode)) {
    if (!head.last) return "a control frame must not be fragmented";
    if (form > kMostControl) return "a control frame must not be longer than 125 bytes";
  }
  const std::size_t length_bytes = form < 126 ? 0 : form == 126 ? 2 : 8;
  const std::size_t size = 2 + length_bytes + (masked ? 4 : 0);
  if (bytes.size() < size) return nullptr;
  head.length = form;
  if (length_bytes > 0) {
    head.length = 0;
    for (std::size_t i = 0; i < length_bytes; ++i) head.length = head.length << 8 | at[2 + i];
    if (head.length >> 63 != 0) return "the frame's length is above 63 bits";
    if (head_size(head.length, masked) != size) {
      return "the frame's length is not in its shortest form";
    }
  }
  if (masked) std::memcpy(head.mask.data(), at + 2 + length_bytes, 4);
  head.size = size;
  return nullptr;
}

const char* FrameReader::check_head(const Head& head) const {
  if (head.opcode == Opcode::kContinuation) {
    return in_message_ ? nullptr : "a continuation that continues nothing";
  }
  return in_message_ ? "a new message within a fragmented one" : nullptr;
}

FrameReader::Step FrameReader::next(std::span<char> bytes) {
  if (ended_) return {};
  if (in_frame_) return data(bytes, 0);
  Head head;
  if (const char* wrong = read_head(bytes, head); wrong != nullptr) {
    return violation(kProtocolError, wrong);
  }
  if (head.size == 0) return {};
  if (is_control(head.opcode)) {
    const auto length = static_cast<std::size_t>(head.length);
    if (bytes.size() < head.size + length) return {};
    frame_ = head;
    return control(bytes.subspan(head.size, length), head.size + length);
  }
  if (const char* wrong = check_head(head); wrong != nullptr) {
    return violation(kProtocolError, wrong);
  }
  const std::uint64_t before = head.opcode == Opcode::kContinuation ? message_size_ : 0;
  if (limits_.max_message != 0 && head.length > limits_.max_message - before) {
    return violation(kTooBig, "the message is too long");
  }
  if (head.length <= limits_.whole_frame && bytes.size() < head.size + head.length) return {};
  // Of a longer one at least a byte, so that there is something to show.
  if (head.length > 0 && bytes.size() == head.size) return {};
  frame_ = head;
  in_frame_ = true;
  given_ = 0;
  return data(bytes.subspan(head.size), head.size);
}

FrameReader::Step FrameReader::data(std::span<char> bytes, std::size_t head_used) {
  const auto n =
      static_cast<std::size_t>(std::min<std::uint64_t>(frame_.length - given_, bytes.size()));
  if (n == 0 && given_ < frame_.length) return {};
  const std::span<char> payload = bytes.first(n);
  if (role_ == Role::kServer) apply_mask(payload, frame_.mask, given_);
  given_ += n;
  message_size_ += n;
  Step step{.kind = Kind::kPiece, .used = head_used + n};
  step.piece = {.first = !in_message_, .bytes = payload, .room_before = head_used};
  if (!in_message_) {
    in_message_ = true;
    message_ = frame_.opcode;
    message_size_ = n;
    utf8_.reset();
  }
  step.piece.opcode = message_;
  const bool frame_ends = given_ == frame_.length;
  step.piece.last = frame_ends && frame_.last;
  if (frame_ends) in_frame_ = false;
  if (step.piece.last) in_message_ = false;
  if (limits_.check_text && message_ == Opcode::kText) {
    if (!utf8_.feed(step.piece.view()) || (step.piece.last && !utf8_.complete())) {
      return violation(kInvalidData, "the text is not UTF-8");
    }
  }
  return step;
}

FrameReader::Step FrameReader::control(std::span<char> payload, std::size_t used) {
  if (role_ == Role::kServer) apply_mask(payload, frame_.mask);
  Step step{.used = used, .payload = {payload.data(), payload.size()}};
  if (frame_.opcode != Opcode::kClose) {
    step.kind = frame_.opcode == Opcode::kPing ? Kind::kPing : Kind::kPong;
    return step;
  }
  step.kind = Kind::kClose;
  if (step.payload.size() == 1) return violation(kProtocolError, "a close frame with half a code");
  if (step.payload.size() >= 2) {
    const auto* code = reinterpret_cast<const unsigned char*>(step.payload.data());
    step.close.code = static_cast<std::uint16_t>(code[0] << 8 | code[1]);
    step.close.reason = step.payload.substr(2);
    if (!is_close_code(step.close.code)) {
      return violation(kProtocolError, "a close code that must not be sent");
    }
    if (!is_utf8(step.close.reason)) {
      return violation(kInvalidData, "the reason of a close frame is not UTF-8");
    }
  }
  ended_ = true;
  return step;
}

}  // namespace wasat::ws
