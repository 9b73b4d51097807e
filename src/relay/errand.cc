#include "relay/errand.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "relay/node_seat.h"

namespace wasat::relay {
namespace {

constexpr std::size_t kFirstBuffer = 2048;
// Of a chunk that is not complete, this much is worth a wake-up.
constexpr std::size_t kWorthTelling = 128 * 1024;
// Of what waits, one buffer holds so much: it would be copied whenever it grows.
constexpr std::size_t kFull = 1u << 20;

char* room_in(Buffer& buffer, std::size_t size) {
  const std::size_t before = buffer.size();
  if (before + size > buffer.capacity()) {
    buffer.reserve(std::max(before + size, 2 * buffer.capacity()));
  }
  buffer.resize(before + size);
  return buffer.data() + before;
}

void append(Buffer& buffer, std::string_view bytes) {
  if (bytes.empty()) return;  // it may have no address
  std::memcpy(room_in(buffer, bytes.size()), bytes.data(), bytes.size());
}

// In JSON a line's end stands between tokens only.
void append_on_one_line(Buffer& buffer, std::string_view json) {
  if (json.empty()) return;
  char* to = room_in(buffer, json.size());
  std::memcpy(to, json.data(), json.size());
  for (const char end : {'\n', '\r'}) {
    char* from = to;
    char* const behind = to + json.size();
    while (from < behind && (from = static_cast<char*>(std::memchr(
                                 from, end, static_cast<std::size_t>(behind - from)))) != nullptr) {
      *from++ = ' ';
    }
  }
}

}  // namespace

Error node_lost() {
  Error error = internal_error("Node crashed.", ErrorKind::kUnavailable);
  error.retry = Retry::kNextCredential;
  return error;
}

Errand::Errand(Question question, std::shared_ptr<NodeSeat> seat, net::Loop& asker,
               const Clock& clock)
    : question_(std::move(question)),
      seat_(std::move(seat)),
      asker_(asker),
      clock_(clock),
      last_word_(clock.coarse().time_since_epoch().count()) {}

Errand::~Errand() = default;

Errand::Taken Errand::take(std::unique_ptr<Buffer> spare) {
  Taken taken;
  bool tells_seat = false;
  {
    const std::lock_guard lock(mutex_);
    news_ = !full_.empty();
    if (news_) {
      taken.bytes = std::move(full_.front());
      full_.pop_front();
      full_size_ -= taken.bytes->size();
      waiting_bytes_.store(full_size_ + bytes_->size(), std::memory_order_relaxed);
      return taken;
    }
    if (bytes_ != nullptr && bytes_->size() > 0) {
      taken.bytes = std::move(bytes_);
      if (spare != nullptr) spare->resize(0);
      bytes_ = std::move(spare);
    }
    taken.ends.swap(ends_);
    if (end_) taken.end = &*end_;
    waiting_bytes_.store(0, std::memory_order_relaxed);
    tells_seat = std::exchange(tells_seat_, false);
  }
  if (tells_seat) seat_->look_again(asker_);
  return taken;
}

const Errand::Head* Errand::head() const {
  const std::lock_guard lock(mutex_);
  return head_ ? &*head_ : nullptr;
}

const Errand::End* Errand::ending() const {
  const std::lock_guard lock(mutex_);
  return end_ ? &*end_ : nullptr;
}

void Errand::give_up() {
  {
    const std::lock_guard lock(mutex_);
    if (given_up_.exchange(true, std::memory_order_acq_rel)) return;
    full_.clear();
    bytes_.reset();
    ends_.clear();
    waiting_bytes_.store(0, std::memory_order_relaxed);
    if (end_) return;
  }
  seat_->forget(shared_from_this(), asker_);
}

void Errand::began(const NodeEvents::Head& head) {
  const std::lock_guard lock(mutex_);
  if (head_ || end_) return;
  head_ = Head{.status = head.status,
               .framing = head.framing,
               .content_type = std::string(head.content_type),
               .retry_after = std::string(head.retry_after)};
  // The bytes of what is not given piece by piece follow at once.
  if (head.framing == Framing::kBody) tell_asker();
}

std::size_t Errand::piece(std::string_view bytes, bool last) {
  const std::lock_guard lock(mutex_);
  if (!head_ || end_ || given_up()) return 0;
  if (bytes_ == nullptr) bytes_ = std::make_unique<Buffer>(std::max(kFirstBuffer, bytes.size()));
  if (head_->framing == Framing::kChunks) {
    if (!std::exchange(in_chunk_, true)) append(*bytes_, kBefore);
    append_on_one_line(*bytes_, bytes);
    if (last) {
      append(*bytes_, kBehind);
      ends_.push_back(bytes_->size());
      in_chunk_ = false;
    }
  } else {
    if (bytes_->size() > 0 && bytes_->size() + bytes.size() > kFull) {
      full_size_ += bytes_->size();
      full_.push_back(std::exchange(bytes_, std::make_unique<Buffer>(kFull)));
    }
    append(*bytes_, bytes);
  }
  const std::size_t waiting = full_size_ + bytes_->size();
  waiting_bytes_.store(waiting, std::memory_order_relaxed);
  const bool tells =
      head_->framing == Framing::kBody || (head_->framing == Framing::kChunks && last);
  if (tells || waiting >= kWorthTelling) tell_asker();
  return waiting;
}

void Errand::end(End end) {
  const std::lock_guard lock(mutex_);
  if (end_) return;
  end_ = std::move(end);
  tell_asker();
}

bool Errand::tell_when_taken() {
  const std::lock_guard lock(mutex_);
  if (bytes_ == nullptr || bytes_->size() == 0) return false;
  tells_seat_ = true;
  return true;
}

// Who does not wait finds the news when it looks. The asker's loop lives as long as
// somebody waits on it, and nobody ceases to wait without the lock.
void Errand::tell_asker() {
  news_ = true;
  if (!asker_waits_ || std::exchange(told_, true)) return;
  asker_.post([self = shared_from_this()] { self->on_told(); });
}

void Errand::on_told() {
  {
    const std::lock_guard lock(mutex_);
    told_ = false;
    if (!news_) return;
  }
  if (waiting_ != nullptr) waiting_->wake(net::Wake::kReady);
}

bool Errand::Wait::await_ready() {
  if (cancel_ != nullptr && cancel_->requested()) {
    result_ = net::Wake::kCancelled;
    return true;
  }
  const std::lock_guard lock(errand_.mutex_);
  return errand_.news_;
}

bool Errand::Wait::await_suspend(std::coroutine_handle<> handle) {
  {
    const std::lock_guard lock(errand_.mutex_);
    if (errand_.news_) return false;
    errand_.asker_waits_ = true;
  }
  handle_ = handle;
  attached_ = true;
  errand_.waiting_ = this;
  errand_.asker_.schedule(*this, deadline_);
  if (cancel_ != nullptr) cancel_->watch(*this);
  return true;
}

void Errand::Wait::detach() {
  if (!std::exchange(attached_, false)) return;
  errand_.waiting_ = nullptr;
  {
    const std::lock_guard lock(errand_.mutex_);
    errand_.asker_waits_ = false;
  }
  net::TimerWheel::remove(*this);
  if (cancel_ != nullptr) cancel_->unwatch(*this);
}

void Errand::Wait::wake(net::Wake result) {
  result_ = result;
  detach();
  handle_.resume();
}

}  // namespace wasat::relay
