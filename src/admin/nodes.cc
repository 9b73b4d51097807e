#include "admin/nodes.h"

#include <algorithm>

#include "admin/context.h"
#include "admin/credential_list.h"
#include "admin/fields.h"
#include "admin/node_list.h"
#include "admin/write_json.h"

namespace wasat::admin {
namespace {

constexpr std::size_t kMostVisits = 100;

std::int64_t number(std::uint64_t count) { return static_cast<std::int64_t>(count); }

// Those of the environment have no row, and so no name here.
void write_token(json::Writer& writer, const Context& context, const std::string& id) {
  writer.key("token");
  if (id.empty()) {
    writer.null();
    return;
  }
  const store::Token* row = context.registry.find_token(id);
  writer.begin_object().member("id", id);
  text_or_null(writer, "name", row != nullptr ? row->name : std::string());
  writer.end_object();
}

// Open, for more members.
void write_node(json::Writer& writer, const Context& context, const relay::NodeStatus& node) {
  writer.begin_object()
      .member("id", node.id)
      .member("name", node.name)
      .member("protocol", node.protocol)
      .member("address", node.address);
  write_token(writer, context, node.token_id);
  time_member(writer, "since", node.since);
  time_member(writer, "last_heard", node.last_heard);
  writer.member("served", number(node.served))
      .member("failed", number(node.failed))
      .member("messages_in", number(node.messages_in))
      .member("messages_out", number(node.messages_out))
      .member("bytes_in", number(node.bytes_in))
      .member("bytes_out", number(node.bytes_out))
      .member("misunderstood", number(node.misunderstood))
      .member("too_slow", number(node.too_slow));
}

// What it is as a credential; null while the pool does not know it yet.
void write_standing(json::Writer& writer, const Context& context, const relay::NodeStatus& node) {
  writer.member("running", std::int64_t{node.running})
      .member("draining", node.draining)
      .key("state");
  const pool::CredentialPtr live = context.registry.find_live(node.id);
  if (live == nullptr) {
    writer.null();
  } else {
    writer.string(state_name(*live, context.clock.wall()));
  }
}

void write_visits(json::Writer& writer, const Context& context,
                  const std::vector<relay::Visit>& visits) {
  writer.begin_array();
  for (const relay::Visit& visit : visits) {
    write_node(writer, context, visit.node);
    time_member(writer, "until", visit.until);
    text_or_null(writer, "why", visit.why);
    writer.end_object();
  }
  writer.end_array();
}

std::optional<relay::NodeStatus> find_node(const Context& context, const std::string& id) {
  std::vector<relay::NodeStatus> nodes = context.watched.nodes.nodes();
  const auto found = std::ranges::find(nodes, id, &relay::NodeStatus::id);
  return found == nodes.end() ? std::nullopt : std::optional(std::move(*found));
}

Answer list_nodes(Context& context, Call& call) {
  const auto wanted = paging(call);
  if (!wanted) return refuse(wanted.error());
  const NodeFilter filter{.text = call.asked("search"),
                          .protocol = call.asked("protocol"),
                          .token_id = call.asked("token")};
  const NodePage page =
      page_of_nodes(context.watched.nodes.nodes(), filter, wanted->limit, wanted->cursor);
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items").begin_array();
  for (const relay::NodeStatus& node : page.nodes) {
    write_node(writer, context, node);
    write_standing(writer, context, node);
    writer.end_object();
  }
  writer.end_array();
  text_or_null(writer, "next", page.next);
  writer.member("total", number(page.matching)).end_object();
  return reply;
}

// One that has left is known while its visits are kept.
Answer show_node(Context& context, Call& call) {
  const std::string& id = call.parameters[0];
  const std::optional<relay::NodeStatus> node = find_node(context, id);
  const std::vector<relay::Visit> visits = context.watched.visits.visits(id, kMostVisits);
  if (!node && visits.empty()) return refuse(not_found("node", id));
  Reply reply;
  json::Writer writer(reply.body);
  write_node(writer, context, node ? *node : visits.front().node);
  writer.member("connected", node.has_value());
  if (node) {
    write_standing(writer, context, *node);
  } else {
    writer.member("running", std::int64_t{0}).member("draining", false).key("state").null();
  }
  writer.key("visits");
  write_visits(writer, context, visits);
  writer.end_object();
  return reply;
}

Answer list_visits(Context& context, Call& call) {
  const auto wanted = paging(call);
  if (!wanted) return refuse(wanted.error());
  const std::vector<relay::Visit> visits =
      context.watched.visits.visits(call.asked("node"), wanted->limit);
  Reply reply;
  json::Writer writer(reply.body);
  writer.begin_object().key("items");
  write_visits(writer, context, visits);
  writer.key("next").null().member("total", number(visits.size())).end_object();
  return reply;
}

Answer drain_node(Context& context, Call& call) {
  call.target = call.parameters[0];
  if (!context.watched.nodes.drain(call.target)) return refuse(not_found("node", call.target));
  return no_content();
}

Answer disconnect_node(Context& context, Call& call) {
  call.target = call.parameters[0];
  if (!context.watched.nodes.disconnect(call.target, "disconnected by an administrator")) {
    return refuse(not_found("node", call.target));
  }
  return no_content();
}

constexpr Route kRoutes[] = {
    {.method = "GET", .path = "/nodes", .handle = list_nodes},
    {.method = "GET", .path = "/nodes/visits", .handle = list_visits},
    {.method = "GET", .path = "/nodes/{id}", .handle = show_node},
    {.method = "DELETE",
     .path = "/nodes/{id}",
     .action = "node.disconnect",
     .handle = disconnect_node},
    {.method = "POST", .path = "/nodes/{id}/drain", .action = "node.drain", .handle = drain_node},
};

}  // namespace

std::span<const Route> node_routes() { return kRoutes; }

}  // namespace wasat::admin
