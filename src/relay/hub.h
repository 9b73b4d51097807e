// Hub: all nodes that are connected, and their way into the pool.
//
// Shared by all workers. A node joins and leaves on its own worker; the pool, where a change
// costs time in proportion to its size, and the nodes, which want to know how many they are,
// hear of it from attend(), which a thread of the composition's calls: after quiet at once, in
// a storm of joins now and then. Outlives all nodes.

#pragma once

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/snapshot.h"
#include "pool/pool.h"
#include "relay/admission.h"
#include "relay/names.h"
#include "relay/node_seat.h"
#include "relay/nodes.h"
#include "relay/options.h"

namespace wasat::relay {

class Hub final : public Nodes {
 public:
  // Both outlive the hub.
  Hub(pool::Pool& pool, const Clock& clock, Options options);
  ~Hub() override;
  Hub(const Hub&) = delete;
  Hub& operator=(const Hub&) = delete;

  // Before the first node comes; it outlives the hub.
  void set_listener(NodeListener& listener) { listener_ = &listener; }
  // Likewise. Until then every token is known.
  void set_admission(const Admission& admission) { admission_ = &admission; }
  // A node's id that is a token's, from before the start; the oldest first.
  void keep_name(const std::string& id, std::string_view token_id);
  // Any thread. Without leave to be there the nodes take theirs.
  void configure(Options options);
  std::shared_ptr<const Options> options() const { return options_.get(); }

  struct Newcomer {
    std::string name;  // what it calls itself; empty: nothing
    std::string protocol;
    std::string address;
    Admitted admitted;
    net::Loop& loop;
    std::size_t worker = 0;
  };
  // On the node's worker. A name that a node of the same token has goes over to the newcomer,
  // and the other one closes; one that is another token's, whose node may be away, gets a
  // number behind it. Errors: kUnavailable (the relay is off), kRateLimited (too many).
  Result<std::shared_ptr<NodeSeat>> join(Newcomer newcomer);
  // `why`: for people.
  void leave(const std::shared_ptr<NodeSeat>& seat, std::string_view why);
  // It is leaving: the pool gives it nothing more.
  void retire(const NodeSeat& seat);

  // Any thread.
  std::vector<NodeStatus> nodes() const override;
  std::size_t node_count() const override;
  std::size_t running() const override;
  NodeTotals totals() const override;
  bool drain(std::string_view id) override;
  bool disconnect(std::string_view id, std::string_view why) override;
  // Nodes are counted on: somebody has set that up, or one was there.
  bool expected() const { return had_any_.load(std::memory_order_relaxed) || options()->expected; }

  // Does what is due, and says when it wants to be called again.
  Clock::Steady attend();
  // Waits until then, or until something has changed, or stop().
  void wait_for_change(Clock::Steady until);
  void stop();

 private:
  struct Member {
    std::shared_ptr<NodeSeat> seat;
    std::shared_ptr<NodeCredential> credential;
    bool has_own_name = false;  // it was not drawn
    bool in_pool = false;       // it, or the one whose place it takes
  };
  bool may_have(std::string_view id, std::string_view token_id) const;
  std::string free_id(std::string_view name, const Admitted& admitted,
                      std::shared_ptr<NodeSeat>& replaced);
  std::shared_ptr<NodeSeat> find(std::string_view id) const;
  void publish();
  void count(const pool::CredentialList& joined);
  void tell_count();

  pool::Pool& pool_;
  const Clock& clock_;
  Snapshot<Options> options_;
  NodeListener* listener_ = nullptr;
  const Admission* admission_ = nullptr;

  std::atomic<bool> had_any_{false};
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool has_changed_ = false;
  bool stopped_ = false;
  Random random_;
  std::map<std::string, Member, std::less<>> members_;  // by id
  std::size_t in_pool_ = 0;                             // of them
  Names names_;                                         // and whose they are
  pool::CredentialList joined_;                         // not in the pool yet
  std::vector<std::string> left_;                       // still in the pool
  // Whose names went over to others; they close when the pool has those.
  std::vector<std::shared_ptr<NodeSeat>> replaced_;
  NodeTotals of_the_past_;  // of those that have left
  bool count_changed_ = false;
  Clock::Steady publish_at_;  // not before
  Clock::Steady tell_at_;
};

}  // namespace wasat::relay
