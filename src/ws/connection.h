// Connection: one end of a WebSocket on one of our streams, server or client.
//
// Speaks in pieces, not in messages: read() gives whatever frames have come,
// unmasked where they lie, and write() sends pieces from where they lie, many in
// one system call. So a message of any length passes with the memory of one
// buffer, and what is not pulled is not read from the socket. Pings are answered
// by read(); control frames go out between the frames of messages.
//
// Belongs to one worker. One coroutine may read and one may write at a time; the
// stream outlives it. Ends with close(), or by letting it go.

#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include "base/cancel.h"
#include "base/result.h"
#include "base/task.h"
#include "net/stream.h"
#include "ws/frame_reader.h"
#include "ws/masks.h"

namespace wasat::ws {

struct ConnectionOptions {
  std::uint64_t max_message = 0;  // bytes; 0: any
  bool check_text = true;         // as ReaderLimits
  // After this long without a byte from the peer it is pinged; 0: never.
  std::chrono::milliseconds ping_after{30'000};
  // After this long without a byte the peer counts as gone; 0: never.
  std::chrono::milliseconds idle_timeout{90'000};
  std::chrono::milliseconds write_stall{60'000};  // without the peer taking a byte
  // For the peer's part of a close, and for the end of a frame when a write is given up.
  std::chrono::milliseconds close_timeout{2'000};
};

class Connection {
 public:
  // `input`: what was read behind the handshake already. `masks` is the worker's.
  Connection(Role role, net::Stream& stream, net::Block input, Masks& masks,
             ConnectionOptions options);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  struct Batch {
    // Their bytes may be altered, and live until the next read().
    std::span<Piece> pieces;
    // The peer closes, behind these pieces. Nothing more will come.
    const Close* close = nullptr;
  };
  // Waits until there is something. Errors: kCancelled; kTimeout (idle, or `deadline`);
  // kUpstreamFailed: the connection broke, or the peer broke the protocol: then
  // violation() says with what to close.
  Task<Result<Batch>> read(net::TimePoint deadline, Cancel* cancel);
  const std::optional<Close>& violation() const { return violation_; }

  // Sends the pieces, each as a frame of its own; alters their bytes when they must be
  // masked. Waits until the kernel has all of it (back-pressure). Given up within a
  // frame, nothing can be sent any more. Errors: kCancelled, kTimeout, kUpstreamFailed.
  Task<Result<>> write(std::span<Piece> pieces, Cancel* cancel);
  // A whole message that stays the caller's.
  Task<Result<>> send(Opcode opcode, std::string_view message, Cancel* cancel);

  // Pings the peer, which counts as heard now: it has as long again to say something.
  void ping();

  // Sends a close frame, waits for the peer's (dropping what comes before it), and
  // ends our half of the stream. Bounded by close_timeout. No read or write may be
  // under way. True: the peer closed as well.
  WASAT_OWN_FRAME Task<bool> close(std::uint16_t code, std::string_view reason);

  // Until the next read(): requests `departed` when the peer is gone. What it sends
  // meanwhile is kept, up to one buffer.
  void watch_peer(Cancel& departed);
  void unwatch_peer();

  struct Counts {
    std::uint64_t frames_in = 0, frames_out = 0;  // of messages
    std::uint64_t bytes_in = 0, bytes_out = 0;    // of their payload
  };
  const Counts& counts() const { return counts_; }
  net::Stream& stream() { return stream_; }

 private:
  static constexpr std::size_t kMostPieces = 64;  // of one batch
  static constexpr std::size_t kNoPong = ~std::size_t{0};

  struct Gathered;
  // What the kernel did not take at once.
  struct Rest {
    std::vector<iovec> pieces;
    std::string own;  // heads and control frames among them
  };

  void take_frames();
  Result<bool> fill();
  net::Socket::Wait wait(net::TimePoint deadline, Cancel* cancel);
  bool ping_or_give_up(net::TimePoint deadline);
  void append_control(Opcode opcode, std::string_view payload);
  void pong(std::string_view payload);
  void send_control();
  void forget_control();
  void gather(std::span<Piece> pieces, Gathered& out);
  Result<> write_now(std::span<Piece> pieces, Rest& rest);
  WASAT_OWN_FRAME Task<Result<>> write_rest(Rest& rest, Cancel* cancel);
  static void on_readable(void* self);
  static Error broke(std::string detail, ErrorKind kind = ErrorKind::kUpstreamFailed);
  static Error broken(const net::IoResult& result);

  const Role role_;
  net::Stream& stream_;
  Masks& masks_;
  const ConnectionOptions options_;
  net::Block input_;
  std::size_t taken_ = 0;  // bytes at the front of input_ that the last batch shows
  FrameReader reader_;
  std::vector<Piece> pieces_;
  std::optional<Close> peer_close_;
  std::optional<Close> violation_;
  std::string control_;            // control frames that are not sent yet
  std::size_t control_sent_ = 0;   // of them; a frame that has begun must end
  std::size_t pong_at_ = kNoPong;  // where the last pong in control_ begins
  net::TimePoint last_heard_;
  bool pinged_ = false;  // since then
  std::uint32_t unwaited_ = 0;
  bool writing_ = false;
  bool torn_ = false;  // a frame was begun and given up, or the end was reached
  bool close_sent_ = false;
  Cancel* departed_ = nullptr;
  Counts counts_;
};

}  // namespace wasat::ws
