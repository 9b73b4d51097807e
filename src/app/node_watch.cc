#include "app/node_watch.h"

#include <map>

#include "admin/write_json.h"

namespace wasat::app {
namespace {

// {"id", "name", "event", "protocol", "address", "why"}: the event `node`.
std::string event_of(const relay::NodeStatus& node, std::string_view event, std::string_view why) {
  std::string data;
  json::Writer writer(data);
  writer.begin_object()
      .member("id", node.id)
      .member("name", node.name)
      .member("event", event)
      .member("protocol", node.protocol)
      .member("address", node.address);
  admin::text_or_null(writer, "why", why);
  writer.end_object();
  return data;
}

}  // namespace

void NodeWatch::joined(const relay::NodeStatus& node) {
  log_.info("a relay node has come", {{"node", node.id},
                                      {"protocol", node.protocol},
                                      {"address", node.address},
                                      {"token", node.token_id}});
  events_.publish("node", event_of(node, "joined", {}));
}

void NodeWatch::name_taken(const relay::NodeStatus& node) {
  store_.note(store::PutNodeName{
      {.id = node.id, .token_id = node.token_id, .taken = store::to_time(clock_.wall())}});
}

void NodeWatch::left(const relay::NodeStatus& node, std::string_view why) {
  log_.info("a relay node has left", {{"node", node.id},
                                      {"why", why},
                                      {"served", std::to_string(node.served)},
                                      {"failed", std::to_string(node.failed)}});
  events_.publish("node", event_of(node, "left", why));
  history_.add({.node = node, .until = store::to_time(clock_.wall()), .why = std::string(why)});
}

void collect_relay(observe::Samples& samples, const relay::Nodes& nodes) {
  using observe::Metric;
  const relay::NodeTotals totals = nodes.totals();
  const auto add = [&samples](Metric metric, std::uint64_t value,
                              std::vector<std::string> labels = {}) {
    samples.add(metric, static_cast<double>(value), std::move(labels));
  };
  add(Metric::kRelayNodes, nodes.node_count());
  add(Metric::kRelayRequests, nodes.running());
  add(Metric::kRelayJoins, totals.joined);
  add(Metric::kRelayMessages, totals.messages_out, {"up"});
  add(Metric::kRelayMessages, totals.messages_in, {"down"});
  add(Metric::kRelayBytes, totals.bytes_out, {"up"});
  add(Metric::kRelayBytes, totals.bytes_in, {"down"});
  add(Metric::kRelayMisunderstood, totals.misunderstood);
  add(Metric::kRelayTooSlow, totals.too_slow);
}

std::size_t show_out(relay::Nodes& nodes, const gateway::NodeAdmission& admission) {
  // Many nodes share few tokens.
  std::map<std::string, std::string> refused;  // by token; empty: it may stay
  std::size_t shown_out = 0;
  for (const relay::NodeStatus& node : nodes.nodes()) {
    const auto [found, is_new] = refused.try_emplace(node.token_id);
    if (is_new) {
      if (Result<> may = admission.may_stay(node.token_id); !may) {
        found->second = std::move(may.error().detail);
      }
    }
    if (!found->second.empty() && nodes.disconnect(node.id, found->second)) ++shown_out;
  }
  return shown_out;
}

}  // namespace wasat::app
