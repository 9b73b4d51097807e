// Which relay nodes a request asks for: search and paging over all of them. Pure.

#pragma once

#include <string>
#include <vector>

#include "relay/node_status.h"

namespace wasat::admin {

struct NodeFilter {
  std::string text;      // within name, id, address, protocol or token's id; case does not count
  std::string protocol;  // "applet"; empty: any
  std::string token_id;  // empty: any
};

struct NodePage {
  std::vector<relay::NodeStatus> nodes;  // by id
  std::size_t matching = 0;
  std::string next;  // the last one's id; empty: that was the last page
};

// `after`: the id that an earlier page ended with; empty: from the beginning.
NodePage page_of_nodes(std::vector<relay::NodeStatus> nodes, const NodeFilter& filter,
                       std::size_t limit, const std::string& after);

}  // namespace wasat::admin
