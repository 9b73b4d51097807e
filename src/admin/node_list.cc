#include "admin/node_list.h"

#include <algorithm>

#include "admin/search.h"

namespace wasat::admin {
namespace {

bool matches(const relay::NodeStatus& node, const NodeFilter& filter, std::string_view text) {
  if (!filter.protocol.empty() && node.protocol != filter.protocol) return false;
  if (!filter.token_id.empty() && node.token_id != filter.token_id) return false;
  return contains(node.name, text) || contains(node.id, text) || contains(node.address, text) ||
         contains(node.protocol, text) || contains(node.token_id, text);
}

}  // namespace

NodePage page_of_nodes(std::vector<relay::NodeStatus> nodes, const NodeFilter& filter,
                       std::size_t limit, const std::string& after) {
  const std::string text = lowered(filter.text);
  std::erase_if(nodes, [&](const auto& node) { return !matches(node, filter, text); });
  NodePage page{.matching = nodes.size()};
  std::erase_if(nodes, [&](const auto& node) { return !after.empty() && node.id <= after; });
  std::ranges::sort(nodes, {}, &relay::NodeStatus::id);
  if (nodes.size() > limit) {
    nodes.resize(limit);
    page.next = nodes.back().id;
  }
  page.nodes = std::move(nodes);
  return page;
}

}  // namespace wasat::admin
