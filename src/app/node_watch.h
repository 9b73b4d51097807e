// NodeWatch: tells the operator, and who looks on, of relay nodes that come and go; has the
// store remember whose a name is; and shows out those whose leave to be there is gone.
//
// Owned by the Service. Any thread; blocks nobody.

#pragma once

#include "admin/event_hub.h"
#include "base/clock.h"
#include "gateway/node_admission.h"
#include "observe/log.h"
#include "observe/metrics.h"
#include "relay/history.h"
#include "relay/nodes.h"
#include "store/store.h"

namespace wasat::app {

class NodeWatch final : public relay::NodeListener {
 public:
  // All outlive this object.
  NodeWatch(store::Store& store, observe::Log& log, const Clock& clock, admin::EventHub& events)
      : store_(store), log_(log), clock_(clock), events_(events) {}

  void joined(const relay::NodeStatus& node) override;
  void left(const relay::NodeStatus& node, std::string_view why) override;
  void name_taken(const relay::NodeStatus& node) override;

  const relay::History& history() const { return history_; }

 private:
  store::Store& store_;
  observe::Log& log_;
  const Clock& clock_;
  admin::EventHub& events_;
  relay::History history_;
};

// What /metrics shows of nodes.
void collect_relay(observe::Samples& samples, const relay::Nodes& nodes);

// Disconnects nodes whose tokens are gone, disabled or expired, or which came without one
// while the relay was open. How many.
std::size_t show_out(relay::Nodes& nodes, const gateway::NodeAdmission& admission);

}  // namespace wasat::app
