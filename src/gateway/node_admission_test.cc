#include "gateway/node_admission.h"

#include <gtest/gtest.h>

#include "gateway/admit.h"
#include "gateway/fake_request_test.h"
#include "gateway/node_token.h"

namespace wasat::gateway {
namespace {

const HmacKey& key() {
  static const HmacKey made(Secret("a key for the hashes of tokens..."));
  return made;
}

class NodeAdmissionTest : public testing::Test {
 protected:
  static store::Token row(std::string id, std::string kind) {
    return {.id = id, .name = id, .kind = std::move(kind), .hash = key()("text of " + id)};
  }
  void publish(std::vector<store::Token> rows) {
    const std::vector<Secret> clients = {Secret("client of the environment")};
    const std::vector<Secret> nodes = {Secret("node of the environment")};
    tokens.publish(std::make_shared<const account::TokenTable>(
        rows, clients, account::Allowed::none(), key(), account::Limits(),
        std::span<const Secret>(), nodes));
  }
  void open(bool is_open) {
    Options changed;
    changed.relay_open = is_open;
    options.publish(std::make_shared<const Options>(std::move(changed)));
  }
  std::string admitted(std::string_view token) {
    const Result<relay::Admitted> found = admission.admit(token, "127.0.0.1");
    return found ? "in as \"" + found->token_id + "\"" : found.error().detail;
  }

  ManualClock clock;
  Snapshot<account::TokenTable> tokens{std::make_shared<const account::TokenTable>(
      std::span<const store::Token>(), std::span<const Secret>(), account::Allowed::none(), key())};
  Snapshot<Options> options{std::make_shared<const Options>()};
  NodeAdmission admission{tokens, options, clock};
};

// Each kind of token at each door.
TEST_F(NodeAdmissionTest, EachTokenOpensItsOwnDoorAndNoOther) {
  std::vector<store::Token> rows = {row("client", "client"),       row("node", "relay"),
                                    row("newer", "something-new"), row("off", "relay"),
                                    row("old-node", "relay"),      row("old-client", "client")};
  rows[3].disabled = true;
  rows[4].expires = rows[5].expires = store::to_time(clock.wall()) + std::chrono::seconds(5);
  publish(rows);
  clock.advance(std::chrono::seconds(6));
  struct Row {
    std::string_view token;
    bool as_client, as_node;
  };
  constexpr Row kRows[] = {
      {"text of client", true, false},
      {"text of node", false, true},
      {"text of newer", false, false},
      {"text of off", false, false},
      {"text of old-node", false, false},
      {"text of old-client", true, false},  // its expiry is looked at with its limits
      {"client of the environment", true, false},
      {"node of the environment", false, true},
      {"nobody's", false, false},
      {"", false, false},
  };
  for (const bool is_open : {false, true}) {
    open(is_open);
    for (const Row& each : kRows) {
      const FakeRequest request("/v1/models", {{"x-goog-api-key", each.token}});
      EXPECT_EQ(authenticate(request, *tokens.get()).has_value(), each.as_client) << each.token;
      const bool without = is_open && each.token.empty();
      EXPECT_EQ(admission.admit(each.token, "").has_value(), each.as_node || without)
          << each.token << is_open;
    }
  }
}

TEST_F(NodeAdmissionTest, SaysWhatIsWrong) {
  std::vector<store::Token> rows = {row("client", "client"), row("old", "relay")};
  rows[1].expires = store::Time(std::chrono::seconds(1));
  publish(rows);
  clock.advance(std::chrono::hours(24));
  EXPECT_TRUE(admitted("").contains("?token="));
  EXPECT_TRUE(admitted("text of client").contains("for clients"));
  EXPECT_TRUE(admitted("wrong").contains("not known"));
  EXPECT_TRUE(admitted("text of old").contains("expired"));
  EXPECT_EQ(admitted("node of the environment").substr(0, 11), "in as \"env-");
}

TEST_F(NodeAdmissionTest, WhoseTokenIsGoneMayNotStay) {
  publish({row("node", "relay")});
  EXPECT_TRUE(admission.may_stay("node"));
  EXPECT_FALSE(admission.may_stay(""));
  open(true);
  EXPECT_TRUE(admission.may_stay(""));
  std::vector<store::Token> off = {row("node", "relay")};
  off[0].disabled = true;
  publish(off);
  EXPECT_FALSE(admission.may_stay("node"));
}

TEST(NodeToken, IsFoundWhereverItStands) {
  const std::vector<http::Header> bearer = {{"authorization", "Bearer of-header"}};
  const std::vector<std::string_view> offered = {"wasat.relay", "wasat.token.of-protocol"};
  struct Row {
    std::string query;
    bool header, protocol;
    std::string_view token;
  };
  const Row rows[] = {
      {"", false, false, ""},
      {"", true, false, "of-header"},
      {"token=of-query", true, false, "of-query"},
      {"authIndex=3&auth_token=of%2Dquery", false, false, "of-query"},
      {"token=of-query", true, true, "of-protocol"},
      {"key=of-key", false, false, "of-key"},
  };
  for (const Row& each : rows) {
    const std::string target = "/ws?" + each.query;
    const FakeRequest request(target, each.header ? bearer : std::vector<http::Header>());
    const std::span<const std::string_view> protocols(offered.data(), each.protocol ? 2 : 0);
    EXPECT_EQ(presented_node_token(request, protocols), each.token) << each.query;
  }
}

TEST(NodeToken, IsNeverSentBack) {
  using List = std::vector<std::string_view>;
  EXPECT_EQ(chosen_subprotocol(List{"wasat.token.x", "wasat.relay"}), "wasat.relay");
  EXPECT_EQ(chosen_subprotocol(List{"wasat.token.x", "chat"}), "chat");
  EXPECT_EQ(chosen_subprotocol(List{"wasat.token.x"}), "");
  EXPECT_EQ(chosen_subprotocol(List{}), "");
}

}  // namespace
}  // namespace wasat::gateway
