// The sending half of a Connection.

#include <algorithm>

#include "ws/connection.h"

namespace wasat::ws {
namespace {

using SteadyClock = std::chrono::steady_clock;

// Of a message that must be copied to be masked.
constexpr std::size_t kCopied = 64 * 1024;

}  // namespace

// Frames as the kernel gets them.
struct Connection::Gathered {
  std::array<iovec, 2 * kMostPieces + 1> pieces;
  std::array<char, kMostPieces * kMostHead> heads;
  std::size_t count = 0;
  std::size_t heads_used = 0;
  std::size_t total = 0;

  void add(char* bytes, std::size_t size) {
    total += size;
    if (count > 0) {
      iovec& before = pieces[count - 1];
      if (static_cast<char*>(before.iov_base) + before.iov_len == bytes) {
        before.iov_len += size;
        return;
      }
    }
    if (size > 0) pieces[count++] = {bytes, size};
  }
};

// As far as the kernel takes it now. What is left goes out in front of the next frame,
// or when read() finds the socket writable.
void Connection::send_control() {
  if (control_.empty() || writing_ || torn_) return;
  const iovec piece{control_.data() + control_sent_, control_.size() - control_sent_};
  const net::IoResult result = stream_.try_write({&piece, 1});
  if (result.would_block()) return;
  control_sent_ += result.bytes;
  // When the connection is broken, reading will tell.
  if (result.bytes == 0 || control_sent_ == control_.size()) forget_control();
}

void Connection::forget_control() {
  control_.clear();
  control_sent_ = 0;
  pong_at_ = kNoPong;
}

void Connection::gather(std::span<Piece> pieces, Gathered& out) {
  if (!control_.empty()) out.add(control_.data() + control_sent_, control_.size() - control_sent_);
  for (Piece& piece : pieces) {
    const bool masked = role_ == Role::kClient;
    const Mask mask = masked ? masks_.next() : Mask{};
    const std::size_t size = head_size(piece.bytes.size(), masked);
    // Where its own head was there is room for ours.
    char* head = piece.bytes.data() - size;
    if (piece.room_before < size) {
      head = out.heads.data() + out.heads_used;
      out.heads_used += size;
    }
    write_head(head, {.opcode = piece.first ? piece.opcode : Opcode::kContinuation,
                      .last = piece.last,
                      .length = piece.bytes.size(),
                      .mask = masked ? &mask : nullptr});
    if (masked) apply_mask(piece.bytes, mask);
    out.add(head, size);
    out.add(piece.bytes.data(), piece.bytes.size());
    counts_.bytes_out += piece.bytes.size();
  }
  counts_.frames_out += pieces.size();
}

// Nearly always the kernel takes all of it at once: then `rest` stays empty.
Result<> Connection::write_now(std::span<Piece> pieces, Rest& rest) {
  Gathered all;
  gather(pieces, all);
  if (all.count == 0) return {};
  const net::IoResult result = stream_.try_write(std::span(all.pieces).first(all.count));
  if (result.bytes == all.total) {
    if (!control_.empty()) forget_control();
    return {};
  }
  if (result.bytes == 0 && !result.would_block()) {
    torn_ = true;
    return fail(broken(result));
  }
  // Heads and control frames move to where they stay until they are sent.
  rest.own.reserve(all.heads_used + control_.size());
  std::size_t sent = result.bytes;
  for (const iovec& piece : std::span(all.pieces).first(all.count)) {
    const std::size_t skipped = std::min(sent, piece.iov_len);
    sent -= skipped;
    if (skipped == piece.iov_len) continue;
    char* from = static_cast<char*>(piece.iov_base) + skipped;
    const std::size_t size = piece.iov_len - skipped;
    const bool in_heads = from >= all.heads.data() && from < all.heads.data() + all.heads.size();
    const bool in_control = from >= control_.data() && from < control_.data() + control_.size();
    if (in_heads || in_control) {
      char* to = rest.own.data() + rest.own.size();
      rest.own.append(from, size);
      from = to;
    }
    rest.pieces.push_back({from, size});
  }
  forget_control();
  return {};
}

Task<Result<>> Connection::write(std::span<Piece> pieces, Cancel* cancel) {
  if (torn_ || close_sent_) co_return fail(broke("the connection is closing"));
  while (!pieces.empty()) {
    const std::size_t n = std::min(pieces.size(), kMostPieces);
    Rest rest;
    Result<> written = write_now(pieces.first(n), rest);
    if (written && !rest.pieces.empty()) written = co_await write_rest(rest, cancel);
    if (!written) co_return written;
    pieces = pieces.subspan(n);
  }
  co_return Result<>{};
}

Task<Result<>> Connection::write_rest(Rest& rest, Cancel* cancel) {
  writing_ = true;
  bool given_up = false;
  std::span<iovec> left = rest.pieces;
  net::TimePoint deadline = SteadyClock::now() + options_.write_stall;
  std::string control;
  for (;;) {
    if (left.empty()) {
      // What read() has put aside meanwhile: nobody else looks for it.
      if (control_.empty()) break;
      control.assign(control_, control_sent_);
      forget_control();
      rest.pieces.assign(1, {control.data(), control.size()});
      left = rest.pieces;
    }
    const net::IoResult result = stream_.try_write(left);
    if (result.bytes == 0 && !result.would_block()) {
      torn_ = true;
      writing_ = false;
      co_return fail(broken(result));
    }
    if (result.would_block()) {
      switch (co_await stream_.writable(deadline, given_up ? nullptr : cancel)) {
        case net::Wake::kReady:
          break;
        case net::Wake::kCancelled:
          // The end of a frame that has begun decides whether a close can follow.
          given_up = true;
          deadline = SteadyClock::now() + options_.close_timeout;
          break;
        case net::Wake::kTimeout:
        case net::Wake::kClosed:
          torn_ = true;
          writing_ = false;
          co_return fail(
              given_up ? broke("cancelled", ErrorKind::kCancelled)
                       : broke("the peer did not take our bytes in time", ErrorKind::kTimeout));
      }
      continue;
    }
    if (!given_up) deadline = SteadyClock::now() + options_.write_stall;
    std::size_t written = result.bytes;
    while (!left.empty() && written >= left.front().iov_len) {
      written -= left.front().iov_len;
      left = left.subspan(1);
    }
    if (written > 0) {
      left.front().iov_base = static_cast<char*>(left.front().iov_base) + written;
      left.front().iov_len -= written;
    }
  }
  writing_ = false;
  if (given_up) co_return fail(broke("cancelled", ErrorKind::kCancelled));
  co_return Result<>{};
}

Task<Result<>> Connection::send(Opcode opcode, std::string_view message, Cancel* cancel) {
  if (role_ == Role::kServer) {
    // A server alters nothing.
    Piece piece{.opcode = opcode, .bytes = {const_cast<char*>(message.data()), message.size()}};
    co_return co_await write({&piece, 1}, cancel);
  }
  std::string copy;
  bool first = true;
  do {
    copy.assign(message.substr(0, kCopied));
    message.remove_prefix(copy.size());
    Piece piece{.opcode = opcode, .first = first, .last = message.empty(), .bytes = copy};
    Result<> written = co_await write({&piece, 1}, cancel);
    if (!written) co_return written;
    first = false;
  } while (!message.empty());
  co_return Result<>{};
}

}  // namespace wasat::ws
