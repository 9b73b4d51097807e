#include "ws/connection.h"

#include <algorithm>
#include <cstring>

namespace wasat::ws {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kWholeFrame = net::BufferPool::kBlockSize - kMostHead;
// Reads in a row before others get their turn.
constexpr std::uint32_t kTurns = 16;
constexpr std::size_t kNone = ~std::size_t{0};
// Of a message that must be copied to be masked.
constexpr std::size_t kCopied = 64 * 1024;

Error broke(std::string detail, ErrorKind kind = ErrorKind::kUpstreamFailed) {
  return internal_error(std::move(detail), kind);
}

Error cancelled() { return internal_error("cancelled", ErrorKind::kCancelled); }

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

Connection::Connection(Role role, net::Stream& stream, net::Block input, Masks& masks,
                       ConnectionOptions options)
    : role_(role),
      stream_(stream),
      masks_(masks),
      options_(options),
      input_(std::move(input)),
      reader_(role, {.max_message = options.max_message,
                     .whole_frame = kWholeFrame,
                     .check_text = options.check_text}),
      pong_at_(kNone),
      last_heard_(SteadyClock::now()) {}

Connection::~Connection() {
  if (departed_ != nullptr) unwatch_peer();
}

Error Connection::broken(const net::IoResult& result) const {
  return broke(result.ended() ? "the connection was closed without a close frame"
                              : net::Stream::describe(result));
}

// True: there are new bytes.
Result<bool> Connection::fill() {
  if (!input_) input_ = stream_.socket().loop().buffers().borrow();
  if (input_.empty()) {
    input_.rewind();
  } else if (input_.room_size() == 0) {
    input_.compact();
  }
  const net::IoResult result = stream_.try_read({input_.room(), input_.room_size()});
  if (result.would_block()) return false;
  if (result.bytes == 0) return fail(broken(result));
  input_.added(result.bytes);
  last_heard_ = SteadyClock::now();
  pinged_ = false;
  return true;
}

void Connection::take_frames() {
  while (pieces_.size() < kMostPieces && !peer_close_ && !violation_) {
    FrameReader::Step step =
        reader_.next({input_.data() + taken_, static_cast<std::size_t>(input_.size() - taken_)});
    taken_ += step.used;
    switch (step.kind) {
      case FrameReader::Kind::kNeedMore:
        return;
      case FrameReader::Kind::kPiece:
        counts_.frames_in += step.piece.room_before > 0 ? 1 : 0;
        counts_.bytes_in += step.piece.bytes.size();
        pieces_.push_back(step.piece);
        break;
      case FrameReader::Kind::kPing:
        pong(step.payload);
        break;
      case FrameReader::Kind::kPong:
        break;  // that something came is all there is to know
      case FrameReader::Kind::kClose:
        peer_close_ = std::move(step.close);
        break;
      case FrameReader::Kind::kViolation:
        violation_ = std::move(step.close);
        break;
    }
  }
}

void Connection::append_control(Opcode opcode, std::string_view payload) {
  const Mask mask = role_ == Role::kClient ? masks_.next() : Mask{};
  ws::append_control(control_, opcode, payload, role_ == Role::kClient ? &mask : nullptr);
}

// Only the last of several pings needs an answer (section 5.5.3), so that a peer
// which pings and does not read costs one.
void Connection::pong(std::string_view payload) {
  if (close_sent_) return;
  if (pong_at_ != kNone && control_sent_ <= pong_at_) control_.resize(pong_at_);
  pong_at_ = control_.size();
  append_control(Opcode::kPong, payload);
}

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
  pong_at_ = kNone;
}

Task<Result<Connection::Batch>> Connection::read(net::TimePoint deadline, Cancel* cancel) {
  pieces_.clear();
  for (;;) {
    input_.consume(std::exchange(taken_, 0));
    take_frames();
    if (!control_.empty()) send_control();
    if (!pieces_.empty() || peer_close_) {
      co_return Batch{.pieces = pieces_, .close = peer_close_ ? &*peer_close_ : nullptr};
    }
    if (violation_) {
      co_return fail(broke("the peer broke the protocol: " + violation_->reason));
    }
    input_.consume(std::exchange(taken_, 0));
    const Result<bool> filled = fill();
    if (!filled) co_return fail(filled.error());
    if (*filled) {
      // A peer that is always ready must not keep the worker from all others.
      if (++unwaited_ % kTurns == 0) co_await net::yield(stream_.socket().loop());
      continue;
    }
    unwaited_ = 0;
    if (input_.empty()) input_.reset();  // whoever waits holds no block
    const net::Wake wake = co_await wait(deadline, cancel);
    if (wake == net::Wake::kCancelled) co_return fail(cancelled());
    if (wake == net::Wake::kTimeout && !ping_or_give_up(deadline)) {
      co_return fail(broke("nothing came in time", ErrorKind::kTimeout));
    }
  }
}

net::Socket::Wait Connection::wait(net::TimePoint deadline, Cancel* cancel) {
  if (options_.idle_timeout.count() > 0) {
    deadline = std::min(deadline, last_heard_ + options_.idle_timeout);
  }
  if (options_.ping_after.count() > 0 && !pinged_) {
    deadline = std::min(deadline, last_heard_ + options_.ping_after);
  }
  if (!control_.empty() && !writing_) {
    return stream_.socket().readable_or_writable(deadline, cancel);
  }
  return stream_.readable(deadline, cancel);
}

bool Connection::ping_or_give_up(net::TimePoint deadline) {
  const net::TimePoint now = SteadyClock::now();
  const bool dead = options_.idle_timeout.count() > 0 && now >= last_heard_ + options_.idle_timeout;
  if (dead || now >= deadline) return false;
  pinged_ = true;
  if (!close_sent_) append_control(Opcode::kPing, {});
  send_control();
  return true;
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
              given_up ? cancelled()
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
  if (given_up) co_return fail(cancelled());
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

Task<bool> Connection::close(std::uint16_t code, std::string_view reason) {
  const net::TimePoint deadline = SteadyClock::now() + options_.close_timeout;
  if (!close_sent_ && !torn_) {
    close_sent_ = true;
    append_control(Opcode::kClose, close_payload(code, reason));
  }
  bool readable = true;
  while (!torn_) {
    send_control();
    pieces_.clear();
    // Who broke the protocol is no longer understood, only waited for.
    if (violation_) taken_ = input_.size();
    input_.consume(std::exchange(taken_, 0));
    take_frames();
    if (peer_close_ && control_.empty()) break;
    if (violation_ && control_.empty()) stream_.socket().shutdown_write();
    input_.consume(std::exchange(taken_, 0));
    if (readable) {
      const Result<bool> filled = fill();
      if (filled && *filled) {
        if (++unwaited_ % kTurns == 0) co_await net::yield(stream_.socket().loop());
        if (SteadyClock::now() >= deadline) break;
        continue;
      }
      readable = filled.has_value();
    }
    if (!readable && control_.empty()) break;
    const net::Wake wake = co_await (readable && !control_.empty()
                                         ? stream_.socket().readable_or_writable(deadline, nullptr)
                                     : readable ? stream_.readable(deadline)
                                                : stream_.writable(deadline));
    if (wake != net::Wake::kReady) break;
  }
  torn_ = true;  // nothing follows
  stream_.socket().shutdown_write();
  co_return peer_close_.has_value();
}

void Connection::watch_peer(Cancel& departed) {
  departed_ = &departed;
  stream_.socket().watch(on_readable, this);
}

void Connection::unwatch_peer() {
  departed_ = nullptr;
  stream_.socket().unwatch();
}

void Connection::on_readable(void* self) {
  auto& connection = *static_cast<Connection*>(self);
  net::Block& input = connection.input_;
  if (!input) input = connection.stream_.socket().loop().buffers().borrow();
  if (input.room_size() == 0) return;
  const net::IoResult result = connection.stream_.try_read({input.room(), input.room_size()});
  if (result.bytes > 0) {
    input.added(result.bytes);
    connection.last_heard_ = SteadyClock::now();
  }
  if (result.bytes > 0 || result.would_block()) {
    connection.stream_.socket().watch(on_readable, self);
    return;
  }
  connection.departed_->request();
}

}  // namespace wasat::ws
