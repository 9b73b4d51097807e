// The sending half of a Node.

#include <algorithm>
#include <array>

#include "relay/node.h"

namespace wasat::relay {
namespace {

// Pieces up to here are gathered; larger ones go out from where they lie.
constexpr std::size_t kGathered = 16 * 1024;
constexpr std::size_t kFragment = 64 * 1024;
constexpr std::size_t kAtOnce = 4;  // fragments in one write
// Answers to what the node asked that wait to be sent; one that does not read gets no more.
constexpr std::size_t kMostReplies = 16;

// A server's frames are not masked, so that their bytes stay as they are.
std::span<char> bytes_of(std::string_view text) {
  return {const_cast<char*>(text.data()), text.size()};
}

// One message as fragments.
class Fragments {
 public:
  Fragments(ws::Connection& connection, net::Loop& loop, Cancel& cancel)
      : connection_(connection), loop_(loop), cancel_(cancel) {}

  Task<Result<>> send(OutgoingMessage& message) {
    for (std::string_view piece = message.next(); !piece.empty(); piece = message.next()) {
      Result<> sent;
      if (gathered_.size() + piece.size() <= kFragment && piece.size() <= kGathered) {
        gathered_ += piece;
      } else if (piece.size() <= kGathered) {
        sent = co_await pass({}, false);
        gathered_ = piece;
      } else {
        sent = co_await pass(piece, false);
      }
      if (!sent) co_return sent;
    }
    co_return co_await pass({}, true);
  }

 private:
  // What was gathered, and then this piece.
  Task<Result<>> pass(std::string_view piece, bool last) {
    std::array<ws::Piece, kAtOnce + 1> pieces;
    do {
      std::size_t count = 0;
      const auto add = [&](std::string_view bytes) {
        pieces[count++] = {.opcode = ws::Opcode::kText,
                           .first = std::exchange(first_, false),
                           .last = false,
                           .bytes = bytes_of(bytes)};
      };
      if (!gathered_.empty() || (piece.empty() && last)) add(gathered_);
      while (!piece.empty() && count < kAtOnce) {
        add(piece.substr(0, kFragment));
        piece.remove_prefix(std::min(kFragment, piece.size()));
      }
      pieces[count - 1].last = last && piece.empty();
      Result<> sent = co_await connection_.write(std::span(pieces).first(count), &cancel_);
      if (!sent) co_return sent;
      gathered_.clear();
      // A peer that takes all at once must not keep the worker from all others.
      if (!last) co_await net::yield(loop_);
    } while (!piece.empty());
    co_return Result<>{};
  }

  ws::Connection& connection_;
  net::Loop& loop_;
  Cancel& cancel_;
  std::string gathered_;
  bool first_ = true;
};

}  // namespace

void Node::send(Outgoing outgoing) {
  if (left_ || broken_) return;
  outgoing_.push_back(std::move(outgoing));
  if (std::exchange(writing_, true)) return;
  writer_.start(write_all());
}

Task<> Node::write_all() {
  // What comes meanwhile is written in the next round.
  std::vector<Outgoing> round;
  while (!outgoing_.empty() && !broken_) {
    round.clear();
    round.swap(outgoing_);
    replies_ = 0;
    for (const Outgoing& each : round) {
      const Result<> sent =
          each.errand != nullptr
              ? co_await write_errand(each.errand)
              : co_await connection_.send(ws::Opcode::kText, each.text, &stop_writing_);
      counts_.messages_out.fetch_add(1, std::memory_order_relaxed);
      if (sent) continue;
      // Given up by part(), or the connection is of no use any more.
      if (sent.error().kind != ErrorKind::kCancelled) {
        broken_ = true;
        go_on_soon();
      }
      break;
    }
    counts_.bytes_out.store(connection_.counts().bytes_out, std::memory_order_relaxed);
    if (stop_writing_.requested()) break;
  }
  writing_ = false;
  if (draining_) go_on_soon();
}

Task<Result<>> Node::write_errand(const std::shared_ptr<Errand>& errand) {
  Running* const running = find(errand->question().id);
  if (running == nullptr || running->errand != errand) co_return Result<>{};
  running->sent = true;
  const Question& question = errand->question();
  const std::optional<Body> body = errand->take_body();
  const NodeRequest request{
      .id = question.id,
      .method = question.method,
      .path = question.path,
      .query = question.query,
      .stream = question.stream,
      .body = body ? &*body : nullptr,
      .sent_at = std::chrono::floor<std::chrono::milliseconds>(parts_.clock.wall())};
  const std::unique_ptr<OutgoingMessage> message = protocol_.request(request);
  Fragments fragments(connection_, parts_.loop, stop_writing_);
  co_return co_await fragments.send(*message);
}

void Node::tell_count(std::size_t nodes) {
  if (std::string text = protocol_.node_count(nodes); !text.empty())
    send({.text = std::move(text)});
}

void Node::reply(std::string_view message) {
  if (replies_ == kMostReplies) return;
  ++replies_;
  send({.text = std::string(message)});
}

// Not at once: the scope is still in use when it tells of its task's end.
void Node::writer_ended(void* self) {
  auto& node = *static_cast<Node*>(self);
  if (!node.waits_for_writer_) return;
  node.parts_.loop.post([handle = node.waits_for_writer_] { handle.resume(); });
}

}  // namespace wasat::relay
