#include "app/node_watch.h"

#include <gtest/gtest.h>

#include "admin/fake_store_test.h"

namespace wasat::app {
namespace {

struct FakeNodes final : relay::Nodes {
  std::vector<relay::NodeStatus> nodes() const override { return here; }
  std::size_t node_count() const override { return here.size(); }
  std::size_t running() const override { return 0; }
  relay::NodeTotals totals() const override { return {}; }
  bool drain(std::string_view) override { return false; }
  bool disconnect(std::string_view id, std::string_view why) override {
    told.append(id).append(": ").append(why).append("\n");
    return std::erase_if(here, [id](const auto& node) { return node.id == id; }) > 0;
  }
  std::vector<relay::NodeStatus> here;
  std::string told;
};

const HmacKey& key() {
  static const HmacKey made(Secret("a key for the hashes of tokens..."));
  return made;
}

std::shared_ptr<const account::TokenTable> table(std::vector<store::Token> rows) {
  return std::make_shared<const account::TokenTable>(rows, std::span<const Secret>(),
                                                     account::Allowed::none(), key());
}

store::Token row(std::string id, bool disabled = false) {
  return {.id = id, .name = id, .kind = "relay", .hash = key()(id), .disabled = disabled};
}

TEST(ShowOut, NodesGoWithTheirTokens) {
  ManualClock clock;
  Snapshot<account::TokenTable> tokens(table({row("kept"), row("expires"), row("disabled")}));
  gateway::Options open;
  open.relay_open = true;
  Snapshot<gateway::Options> options(std::make_shared<const gateway::Options>(open));
  const gateway::NodeAdmission admission(tokens, options, clock);
  FakeNodes nodes;
  for (const char* token : {"kept", "kept", "expires", "disabled", "removed", ""}) {
    nodes.here.push_back({.id = "relay-" + std::to_string(nodes.here.size()), .token_id = token});
  }
  EXPECT_EQ(show_out(nodes, admission), 1u) << nodes.told;  // the removed one's
  std::vector<store::Token> rows = {row("kept"), row("expires"), row("disabled", true)};
  rows[1].expires = store::to_time(clock.wall()) + std::chrono::seconds(1);
  tokens.publish(table(rows));
  EXPECT_EQ(show_out(nodes, admission), 1u) << nodes.told;
  clock.advance(std::chrono::seconds(2));
  EXPECT_EQ(show_out(nodes, admission), 1u) << nodes.told;
  options.publish(std::make_shared<const gateway::Options>());
  EXPECT_EQ(show_out(nodes, admission), 1u) << nodes.told;
  EXPECT_EQ(nodes.node_count(), 2u) << "both came with the token that is still good";
  EXPECT_TRUE(nodes.told.contains("expired"));
}

TEST(NodeWatch, TheStoreRemembersWhoseANameIs) {
  ManualClock clock;
  observe::Log log(observe::level_of("off"), observe::Log::Format::kText);
  admin::EventHub events;
  admin::FakeStore store;
  NodeWatch watch(store, log, clock, events);
  watch.name_taken({.id = "relay-tab", .name = "tab", .token_id = "t"});
  ASSERT_EQ(store.noted.size(), 1u);
  const auto* noted = std::get_if<store::PutNodeName>(&store.noted[0]);
  ASSERT_NE(noted, nullptr);
  EXPECT_EQ(noted->name.id, "relay-tab");
  EXPECT_EQ(noted->name.token_id, "t");
  EXPECT_EQ(noted->name.taken, store::to_time(clock.wall()));
}

TEST(NodeWatch, TellsWhoLooksOnAndKeepsTheVisit) {
  ManualClock clock;
  admin::FakeStore store;
  observe::Log log(observe::level_of("off"), observe::Log::Format::kText);
  admin::EventHub events;
  admin::EventHub::Listener listener(events);
  NodeWatch watch(store, log, clock, events);
  const relay::NodeStatus node{
      .id = "relay-tab", .name = "tab", .protocol = "applet", .address = "10.0.0.1", .served = 7};
  watch.joined(node);
  clock.advance(std::chrono::seconds(9));
  watch.left(node, "closed by the node");
  std::vector<admin::Event> told;
  ASSERT_TRUE(listener.take(told));
  ASSERT_EQ(told.size(), 2u);
  EXPECT_EQ(told[0].kind, "node");
  EXPECT_EQ(told[0].data, R"({"id":"relay-tab","name":"tab","event":"joined","protocol":"applet",)"
                          R"("address":"10.0.0.1","why":null})");
  EXPECT_TRUE(told[1].data.contains("closed by the node"));
  const std::vector<relay::Visit> visits = watch.history().visits("relay-tab", 10);
  ASSERT_EQ(visits.size(), 1u);
  EXPECT_EQ(visits[0].node.served, 7u);
  EXPECT_EQ(visits[0].until, store::to_time(clock.wall()));
}

}  // namespace
}  // namespace wasat::app
