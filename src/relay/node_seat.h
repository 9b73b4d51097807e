// NodeSeat: how other workers reach a node, and what is known of it.
//
// Shared by the hub, the node's credential and the errands that it was given; outlives the
// node's connection, and says then that it is gone. Any thread, but for what says otherwise.

#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>

#include "net/loop.h"
#include "pool/credential.h"
#include "relay/errand.h"
#include "relay/node_status.h"

namespace wasat::relay {

// A node's connection, as its seat knows it; called on its worker.
class NodeEnd {
 public:
  virtual void take(std::shared_ptr<Errand> errand) = 0;
  virtual void forget(const std::shared_ptr<Errand>& errand) = 0;
  // Somebody has taken what waited.
  virtual void look_again() = 0;
  virtual void tell_count(std::size_t nodes) = 0;
  // It gets nothing new, and leaves when it has nothing more to do.
  virtual void drain() = 0;
  // Its connection closes soon.
  virtual void close(std::uint16_t code, std::string_view reason) = 0;
  // It has a reason to go on that its connection does not know of.
  virtual void go_on() = 0;

 protected:
  ~NodeEnd() = default;
};

class NodeSeat : public std::enable_shared_from_this<NodeSeat> {
 public:
  // Who it is. Fixed.
  struct Identity {
    std::string id;  // of its credential
    std::string name;
    std::string protocol;
    std::string address;
    std::string token_id;
    std::chrono::sys_time<std::chrono::milliseconds> since;
    std::size_t worker = 0;
  };
  NodeSeat(Identity identity, net::Loop& loop) : identity_(std::move(identity)), loop_(&loop) {}

  const Identity& identity() const { return identity_; }

  // On the node's worker: from now on `end` is told, until leave().
  void sit(NodeEnd& end) { end_ = &end; }
  void leave();

  // False: it is gone. `from`: the caller's loop.
  bool give(std::shared_ptr<Errand> errand, net::Loop& from);
  void forget(std::shared_ptr<Errand> errand, net::Loop& from);
  void look_again(net::Loop& from);
  void drain();
  void close(std::uint16_t code, std::string reason);
  bool gone() const;
  // For the hub, which tells many at a time on their worker.
  net::Loop* loop() const;
  NodeEnd* end() { return end_; }  // on the node's worker alone

  struct Counts {
    std::atomic<std::uint32_t> running{0};
    std::atomic<std::uint64_t> served{0};
    std::atomic<std::uint64_t> failed{0};
    std::atomic<std::uint64_t> too_slow{0};
    std::atomic<std::uint64_t> messages_in{0};
    std::atomic<std::uint64_t> messages_out{0};
    std::atomic<std::uint64_t> bytes_in{0};
    std::atomic<std::uint64_t> bytes_out{0};
    std::atomic<std::uint64_t> misunderstood{0};
    std::atomic<std::int64_t> last_heard{0};  // unix milliseconds
    std::atomic<bool> draining{false};
  };
  Counts& counts() { return counts_; }
  NodeStatus status() const;

 private:
  // Runs `what` on the node's worker: now, if that is the caller's own. False: it is gone.
  template <class What>
  bool tell(net::Loop* from, What what);

  const Identity identity_;
  Counts counts_;
  mutable std::mutex mutex_;
  net::Loop* loop_;         // null: gone
  NodeEnd* end_ = nullptr;  // the worker's own
};

// A node as a member of the pool.
class NodeCredential final : public pool::Credential {
 public:
  NodeCredential(pool::CredentialIdentity identity, std::shared_ptr<NodeSeat> its_seat)
      : Credential(std::move(identity)), seat(std::move(its_seat)) {}
  const std::shared_ptr<NodeSeat> seat;
};

inline constexpr std::string_view kProvider = "relay";

// The node behind a credential of our provider; the hub alone makes such.
inline const std::shared_ptr<NodeSeat>& seat_of(const pool::Credential& credential) {
  return static_cast<const NodeCredential&>(credential).seat;
}

}  // namespace wasat::relay
