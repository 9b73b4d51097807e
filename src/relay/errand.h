// Errand: one request that a node is given, and the answer on its way back.
//
// Has two ends on two workers, or on one. The asking end belongs to an exchange: it waits,
// takes what has come, and may give up. The node's end belongs to the node's connection, which
// puts in what the node says. Between them lies a buffer behind a short lock; whoever waits at
// the other end is woken once for all that came since. Shared by both ends; it ends when both
// have let go of it.

#pragma once

#include <atomic>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/body.h"
#include "base/cancel.h"
#include "base/clock.h"
#include "net/loop.h"
#include "net/socket.h"
#include "relay/protocol.h"

namespace wasat::relay {

class NodeSeat;

// The node was lost with what it had to do: nobody is to blame, another may do it.
Error node_lost();

// What is asked. Fixed once it is given to a node, which takes the body when it sends it.
struct Question {
  std::string id;
  std::string method;  // "POST"
  std::string path;
  std::string query;
  bool stream = false;
  std::optional<Body> body;
};

class Errand : public std::enable_shared_from_this<Errand> {
 public:
  using Framing = NodeEvents::Framing;

  struct Head {
    int status = 200;
    Framing framing = Framing::kChunk;
    std::string content_type;
    std::string retry_after;
  };
  // How it ended.
  struct End {
    enum class Kind : std::uint8_t {
      kComplete,
      kFailed,  // the node says so: `status`, `text` and `retry_after`
      kBroken,  // by us, or with the node's connection: `error`
    };
    Kind kind = Kind::kComplete;
    int status = 0;
    std::string text;
    std::string retry_after;
    Error error;

    static End broken(Error why) { return {.kind = Kind::kBroken, .error = std::move(why)}; }
  };

  // What stands around each chunk of Framing::kChunks in the bytes that are taken: it is
  // an event of a text/event-stream then. A chunk's own ends of lines become blanks.
  static constexpr std::string_view kBefore = "data: ";
  static constexpr std::string_view kBehind = "\n\n";

  // `asker`: the loop of the asking end. `seat`: the node's.
  Errand(Question question, std::shared_ptr<NodeSeat> seat, net::Loop& asker, const Clock& clock);
  ~Errand();

  const Question& question() const { return question_; }

  // The asking end, on its worker.
  class Wait;
  // co_await wait(deadline, cancel): kReady when there is something to take.
  Wait wait(net::TimePoint deadline, Cancel* cancel);
  struct Taken {
    std::unique_ptr<Buffer> bytes;  // null: none came
    std::vector<std::size_t> ends;  // in `bytes`: where chunks end
    const End* end = nullptr;       // nothing follows `bytes`
  };
  // `spare`: a buffer that is used no more, for what comes next; may be null. What has come of an
  // answer in one piece may be more than one buffer: the next wait() is none then.
  Taken take(std::unique_ptr<Buffer> spare);
  // Null until the answer has begun, and has ended.
  const Head* head() const;
  const End* ending() const;
  // When the node has last said something of it; when it was asked, if it has not.
  Clock::Steady last_word() const {
    return Clock::Steady(Clock::Steady::duration(last_word_.load(std::memory_order_relaxed)));
  }
  // The answer is not wanted any more; tells the node.
  void give_up();

  // The node's end, on its worker.
  // Once: a body may be large, and is not needed any more when it was sent.
  std::optional<Body> take_body() { return std::exchange(question_.body, std::nullopt); }
  void began(const NodeEvents::Head& head);
  // Returns how much waits to be taken.
  std::size_t piece(std::string_view bytes, bool last);
  void end(End end);
  void heard() {
    last_word_.store(clock_.coarse().time_since_epoch().count(), std::memory_order_relaxed);
  }
  std::size_t waiting() const { return waiting_bytes_.load(std::memory_order_relaxed); }
  bool given_up() const { return given_up_.load(std::memory_order_acquire); }
  // The seat is to be told when all was taken. False: nothing waits to be taken.
  bool tell_when_taken();

 private:
  void tell_asker();  // under the lock
  void on_told();     // on the asker's loop

  Question question_;
  const std::shared_ptr<NodeSeat> seat_;
  net::Loop& asker_;
  const Clock& clock_;
  std::atomic<Clock::Steady::rep> last_word_;
  std::atomic<std::size_t> waiting_bytes_{0};
  std::atomic<bool> given_up_{false};
  Wait* waiting_ = nullptr;  // the asking end's own

  mutable std::mutex mutex_;
  bool asker_waits_ = false;
  bool told_ = false;  // a wake-up is on its way
  bool news_ = false;  // worth a wake-up
  bool tells_seat_ = false;
  bool in_chunk_ = false;
  std::optional<Head> head_;
  std::list<std::unique_ptr<Buffer>> full_;  // in front of bytes_
  std::size_t full_size_ = 0;                // bytes in all of them
  std::unique_ptr<Buffer> bytes_;
  std::vector<std::size_t> ends_;
  std::optional<End> end_;
};

class Errand::Wait final : public net::TimerEntry, public Cancel::Hook {
 public:
  Wait(Errand& errand, net::TimePoint deadline, Cancel* cancel)
      : errand_(errand), deadline_(deadline), cancel_(cancel) {}
  ~Wait() { detach(); }

  bool await_ready();
  bool await_suspend(std::coroutine_handle<> handle);
  net::Wake await_resume() const { return result_; }

 private:
  friend class Errand;
  void wake(net::Wake result);
  void detach();
  void expired() override { wake(net::Wake::kTimeout); }
  void cancelled() override { wake(net::Wake::kCancelled); }

  Errand& errand_;
  net::TimePoint deadline_;
  Cancel* cancel_;
  bool attached_ = false;
  net::Wake result_ = net::Wake::kReady;
  std::coroutine_handle<> handle_;
};

inline Errand::Wait Errand::wait(net::TimePoint deadline, Cancel* cancel) {
  return Wait(*this, deadline, cancel);
}

}  // namespace wasat::relay
