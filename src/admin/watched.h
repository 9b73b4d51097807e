// Watched: what administrators look at beside the rows of the registry. Given by composition;
// outlives the admin API.

#pragma once

#include <atomic>

#include "account/meter.h"
#include "account/prices.h"
#include "account/unpriced.h"
#include "admin/event_hub.h"
#include "base/snapshot.h"
#include "observe/metrics.h"
#include "relay/history.h"
#include "relay/nodes.h"
#include "store/ledger.h"

namespace wasat::admin {

struct Watched {
  store::Ledger& ledger;
  account::Meter& meter;
  const Snapshot<account::Prices>& prices;
  const account::Unpriced& unpriced;  // models in use
  const observe::Metrics& metrics;
  relay::Nodes& nodes;
  const relay::History& visits;  // of nodes
  EventHub& events;
  const std::atomic<bool>& draining;
};

}  // namespace wasat::admin
