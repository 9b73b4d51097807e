#include "admin/node_list.h"

#include <gtest/gtest.h>

namespace wasat::admin {
namespace {

std::vector<relay::NodeStatus> nodes() {
  std::vector<relay::NodeStatus> all;
  for (const char* name : {"tablet", "Laptop", "server"}) {
    all.push_back({.id = std::string("relay-") + name,
                   .name = name,
                   .protocol = all.empty() ? "envelope" : "applet",
                   .address = "10.0.0." + std::to_string(all.size()),
                   .token_id = all.size() == 2 ? "" : "t1"});
  }
  return all;
}

std::vector<std::string> names(const NodePage& page) {
  std::vector<std::string> found;
  for (const relay::NodeStatus& node : page.nodes) found.push_back(node.name);
  return found;
}

using Names = std::vector<std::string>;

TEST(NodeList, Searches) {
  EXPECT_EQ(names(page_of_nodes(nodes(), {}, 10, "")), (Names{"Laptop", "server", "tablet"}));
  EXPECT_EQ(names(page_of_nodes(nodes(), {.text = "LAP"}, 10, "")), Names{"Laptop"});
  EXPECT_EQ(names(page_of_nodes(nodes(), {.text = "10.0.0.2"}, 10, "")), Names{"server"});
  EXPECT_EQ(names(page_of_nodes(nodes(), {.protocol = "envelope"}, 10, "")), Names{"tablet"});
  EXPECT_EQ(names(page_of_nodes(nodes(), {.token_id = "t1"}, 10, "")), (Names{"Laptop", "tablet"}));
  EXPECT_EQ(names(page_of_nodes(nodes(), {.text = "phone"}, 10, "")), Names{});
}

TEST(NodeList, GoesOnFromPageToPage) {
  const NodePage first = page_of_nodes(nodes(), {}, 2, "");
  EXPECT_EQ(names(first), (Names{"Laptop", "server"}));
  EXPECT_EQ(first.matching, 3u);
  const NodePage last = page_of_nodes(nodes(), {}, 2, first.next);
  EXPECT_EQ(names(last), Names{"tablet"});
  EXPECT_EQ(last.next, "");
  EXPECT_EQ(last.matching, 3u);
}

}  // namespace
}  // namespace wasat::admin
