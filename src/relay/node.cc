#include "relay/node.h"

#include <algorithm>
#include <utility>

namespace wasat::relay {
namespace {

// What may wait of an answer that is alone on its node, before the node is read no further.
constexpr std::size_t kAlone = 1u << 20;
// One of several answers that is too far ahead of its reader has so long to be read, unless
// it is further ahead than so many windows.
constexpr std::chrono::seconds kPatience{3};
constexpr std::size_t kMostWindows = 4;

Error reads_too_slowly() {
  return internal_error("the client read the answer too slowly while its node served others",
                        ErrorKind::kTimeout);
}

}  // namespace

// co_await: until look_again() or go_on().
struct Node::Stall {
  Node& node;
  bool await_ready() const { return false; }
  void await_suspend(std::coroutine_handle<> handle) { node.stalled_ = handle; }
  void await_resume() const {}
};

Node::Node(Parts parts)
    : parts_(std::move(parts)),
      protocol_(*parts_.protocol),
      connection_(parts_.connection),
      counts_(parts_.seat->counts()),
      flood_(parts_.options->most_messages, parts_.options->most_rate, parts_.clock.now()),
      going_away_hook_(*this, &Node::drain),
      cut_hook_(*this, &Node::cut) {
  writer_.on_end(writer_ended, this);
}

Node::~Node() {
  parts_.going_away.unwatch(going_away_hook_);
  parts_.cut.unwatch(cut_hook_);
}

Task<> Node::run() {
  parts_.seat->sit(*this);
  parts_.going_away.watch(going_away_hook_);
  parts_.cut.watch(cut_hook_);
  if (parts_.going_away.requested()) drain();
  if (parts_.cut.requested()) cut();
  co_await read_all();
  leave();
  co_await part();
}

Task<> Node::read_all() {
  for (;;) {
    if (close_ || broken_) co_return;
    if (draining_ && running_.empty() && !writing_) {
      close_ = {.code = ws::kGoingAway, .reason = "this server is closing"};
      co_return;
    }
    if (stalls()) {
      co_await Stall{*this};
      continue;
    }
    const Result<ws::Connection::Batch> batch = co_await connection_.read(net::kNoDeadline, &stop_);
    if (!batch) {
      read_failed(batch.error());
      continue;
    }
    std::uint64_t bytes = 0;
    for (const ws::Piece& piece : batch->pieces) {
      bytes += piece.bytes.size();
      read(piece);
      if (close_) co_return;
    }
    counts_.bytes_in.fetch_add(bytes, std::memory_order_relaxed);
    if (batch->close != nullptr) {
      close_ = *batch->close;
      why_ = "closed by the node";
      co_return;
    }
    const auto rest = flood_.bytes(bytes, parts_.clock.now());
    if (rest.count() > 0) co_await net::sleep_for(parts_.loop, rest, &stop_);
  }
}

void Node::read_failed(const Error& error) {
  if (error.kind == ErrorKind::kCancelled) return;  // go_on() had a reason
  if (error.kind == ErrorKind::kTimeout && !running_.empty()) {
    // It may be too busy to answer a ping.
    connection_.ping();
    return;
  }
  broken_ = !connection_.violation().has_value();
  if (!broken_) close_ = *connection_.violation();
  why_ = !broken_                            ? "it broke the protocol"
         : error.kind == ErrorKind::kTimeout ? "it did not answer a ping"
                                             : "its connection broke";
}

void Node::read(const ws::Piece& piece) {
  const Clock::Steady now = parts_.clock.coarse();
  if (piece.last) counts_.messages_in.fetch_add(1, std::memory_order_relaxed);
  if (piece.last && !flood_.message(now)) {
    close_ = {.code = ws::kPolicyViolation, .reason = "too many messages"};
    return;
  }
  // Only of text the connection knows that it is UTF-8.
  if (piece.opcode != ws::Opcode::kText) {
    if (piece.last) misunderstood("a message that is no text");
    return;
  }
  if (piece.first) {
    const auto heard = std::chrono::floor<std::chrono::milliseconds>(parts_.clock.wall());
    counts_.last_heard.store(heard.time_since_epoch().count(), std::memory_order_relaxed);
  }
  protocol_.read(piece.view(), piece.first, piece.last, *this);
}

// A stream that is alone need not be read ahead of its reader; several cannot be told to wait
// one by one.
bool Node::stalls() {
  if (running_.size() != 1) return false;
  Errand& only = *running_.begin()->second.errand;
  return only.waiting() > std::min(kAlone, parts_.options->window) && only.tell_when_taken();
}

void Node::take(std::shared_ptr<Errand> errand) {
  if (left_ || draining_ || close_ || broken_) {
    errand->end(Errand::End::broken(node_lost()));
    return;
  }
  running_.emplace(errand->question().id, Running{.errand = errand, .behind_since = {}});
  counts_.running.fetch_add(1, std::memory_order_relaxed);
  send({.text = {}, .errand = std::move(errand)});
  look_again();
}

void Node::forget(const std::shared_ptr<Errand>& errand) {
  const std::string& id = errand->question().id;
  Running* const running = find(id);
  if (running == nullptr || running->errand != errand) return;
  if (running->sent) {
    if (std::string text = protocol_.cancel(id); !text.empty()) send({.text = std::move(text)});
  }
  finish(id, false);
}

void Node::look_again() {
  if (stalled_) go_on_soon();
}

void Node::drain() {
  draining_ = true;
  counts_.draining.store(true, std::memory_order_relaxed);
  parts_.hub.retire(*parts_.seat);
  go_on_soon();
}

void Node::close(std::uint16_t code, std::string_view reason) {
  if (!close_) close_ = ws::Close{.code = code, .reason = std::string(reason)};
  go_on_soon();
}

void Node::cut() {
  broken_ = true;
  go_on_soon();
}

// Not at once: whoever calls may be what would end.
void Node::go_on_soon() {
  parts_.loop.post([seat = parts_.seat] {
    if (NodeEnd* end = seat->end()) end->go_on();
  });
}

// Last of all, since the coroutine that goes on may end this object.
void Node::go_on() {
  if (stalled_) return std::exchange(stalled_, {}).resume();
  if (close_ || broken_ || (draining_ && running_.empty() && !writing_)) stop_.request();
}

void Node::leave() {
  left_ = true;
  parts_.seat->leave();
  counts_.failed.fetch_add(running_.size(), std::memory_order_relaxed);
  counts_.running.store(0, std::memory_order_relaxed);
  parts_.hub.leave(parts_.seat, !why_.empty() ? why_
                                : close_      ? std::string_view(close_->reason)
                                              : "its connection broke");
  for (const auto& [id, running] : running_) running.errand->end(Errand::End::broken(node_lost()));
  running_.clear();
}

Task<> Node::part() {
  stop_writing_.request();
  struct WriterEnded {
    Node& node;
    bool await_ready() const { return node.writer_.empty(); }
    void await_suspend(std::coroutine_handle<> handle) { node.waits_for_writer_ = handle; }
    void await_resume() const {}
  };
  co_await WriterEnded{*this};
  if (!broken_ && close_) co_await connection_.close(close_->code, close_->reason);
}

Node::Running* Node::find(std::string_view id) {
  const auto found = running_.find(id);
  return found != running_.end() ? &found->second : nullptr;
}

void Node::finish(std::string_view id, bool served) {
  const auto found = running_.find(id);
  if (found == running_.end()) return;
  running_.erase(found);
  counts_.running.fetch_sub(1, std::memory_order_relaxed);
  (served ? counts_.served : counts_.failed).fetch_add(1, std::memory_order_relaxed);
  if (stalled_ || (draining_ && running_.empty())) go_on_soon();
}

void Node::began(std::string_view id, const Head& head) {
  if (Running* running = find(id)) {
    running->errand->heard();
    running->errand->began(head);
  }
}

void Node::piece(std::string_view id, std::string_view bytes, bool last) {
  Running* const running = find(id);
  if (running == nullptr) return;
  running->errand->heard();
  mind_reader(id, *running, running->errand->piece(bytes, last));
}

// The socket must not stall for the others of this node: a stream whose reader does not keep
// up fails alone. An answer that is no stream comes as fast as the node can send it, and in one
// message mostly: it may wait whole.
void Node::mind_reader(std::string_view id, Running& running, std::size_t waiting) {
  const Options& options = *parts_.options;
  const std::size_t window =
      running.errand->question().stream ? options.window : options.most_message;
  if (waiting <= window) {
    running.behind_since = {};
    return;
  }
  if (running_.size() == 1) return;
  const Clock::Steady now = parts_.clock.coarse();
  if (running.behind_since == Clock::Steady()) running.behind_since = now;
  if (waiting <= kMostWindows * window && now - running.behind_since < kPatience) return;
  counts_.too_slow.fetch_add(1, std::memory_order_relaxed);
  running.errand->end(Errand::End::broken(reads_too_slowly()));
  if (std::string text = protocol_.cancel(id); !text.empty()) send({.text = std::move(text)});
  finish(id, false);
}

void Node::ended(std::string_view id) {
  Running* const running = find(id);
  if (running == nullptr) return;
  running->errand->end({});
  finish(id, true);
}

void Node::failed(std::string_view id, const Failure& failure) {
  Running* const running = find(id);
  if (running == nullptr) return;
  running->errand->heard();
  running->errand->end({.kind = Errand::End::Kind::kFailed,
                        .status = failure.status,
                        .text = std::string(failure.error),
                        .retry_after = std::string(failure.retry_after),
                        .error = {}});
  finish(id, false);
}

void Node::misunderstood(std::string_view) {
  counts_.misunderstood.fetch_add(1, std::memory_order_relaxed);
}

}  // namespace wasat::relay
