#include "ws/connection.h"

#include <algorithm>

namespace wasat::ws {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t kWholeFrame = net::BufferPool::kBlockSize - kMostHead;
// Reads in a row before others get their turn.
constexpr std::uint32_t kTurns = 16;

}  // namespace

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
      last_heard_(SteadyClock::now()) {}

Connection::~Connection() {
  if (departed_ != nullptr) unwatch_peer();
}

Error Connection::broke(std::string detail, ErrorKind kind) {
  return internal_error(std::move(detail), kind);
}

Error Connection::broken(const net::IoResult& result) {
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
  if (pong_at_ != kNoPong && control_sent_ <= pong_at_) control_.resize(pong_at_);
  pong_at_ = control_.size();
  append_control(Opcode::kPong, payload);
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
    if (wake == net::Wake::kCancelled) co_return fail(broke("cancelled", ErrorKind::kCancelled));
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

void Connection::ping() {
  last_heard_ = SteadyClock::now();
  pinged_ = false;
  if (close_sent_) return;
  append_control(Opcode::kPing, {});
  send_control();
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
