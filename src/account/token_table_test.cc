#include "account/token_table.h"

#include <gtest/gtest.h>

namespace wasat::account {
namespace {

const HmacKey& key() {
  static const HmacKey made(Secret("a key for the hashes of tokens..."));
  return made;
}

store::Token row(std::string id, std::string_view text, bool disabled = false) {
  return {.id = std::move(id),
          .name = "laptop",
          .kind = "client",
          .hash = key()(text),
          .disabled = disabled};
}

TEST(TokenTable, FindsWhatItHoldsAndNothingElse) {
  std::vector<store::Token> rows;
  rows.reserve(1000);
  for (int i = 0; i < 1000; ++i) {
    rows.push_back(row(std::to_string(i), "token " + std::to_string(i)));
  }
  const TokenTable table(rows, {}, Allowed::none(), key());
  EXPECT_EQ(table.size(), 1000u);
  for (int i = 0; i < 1000; ++i) {
    const auto found = table.find("token " + std::to_string(i));
    ASSERT_NE(found, nullptr);
    EXPECT_EQ(found->id, std::to_string(i));
  }
  for (const char* text : {"", "token", "token 1000", "token 1 ", "TOKEN 1", "' OR '1'='1"}) {
    EXPECT_EQ(table.find(text), nullptr) << text;
  }
  EXPECT_EQ(table.find(std::string(1 << 20, 'x')), nullptr);
}

TEST(TokenTable, EmptyLetsNobodyIn) {
  const TokenTable table({}, {}, Allowed::none(), key());
  EXPECT_EQ(table.find(""), nullptr);
  EXPECT_EQ(table.find("anything"), nullptr);
}

TEST(TokenTable, LeavesOutDisabledTokens) {
  const std::vector<store::Token> rows = {row("1", "on"), row("2", "off", true)};
  const TokenTable table(rows, {}, Allowed::none(), key());
  EXPECT_NE(table.find("on"), nullptr);
  EXPECT_EQ(table.find("off"), nullptr);
}

TEST(TokenTable, AddsTheEnvironmentsTokensToTheStores) {
  const std::vector<store::Token> rows = {row("1", "both")};
  const std::vector<Secret> environment = {Secret("both"),
                                           Secret("only-in-the-environment-0123456"), Secret("")};
  const TokenTable table(rows, environment, Allowed::all(), key());
  EXPECT_EQ(table.size(), 2u);
  EXPECT_EQ(table.find("both")->id, "1");
  const auto found = table.find("only-in-the-environment-0123456");
  ASSERT_NE(found, nullptr);
  EXPECT_TRUE(found->id.starts_with("env-"));
  EXPECT_EQ(found->prefix, "only-in...");
  EXPECT_EQ(found->allowed, Allowed::all());
  EXPECT_EQ(table.find(""), nullptr);
}

TEST(TokenTable, KnowsWhatDoorEachOpens) {
  std::vector<store::Token> rows = {row("1", "client"), row("2", "node"), row("3", "newer")};
  rows[1].kind = "relay";
  rows[2].kind = "what-is-not-invented-yet";
  const std::vector<Secret> clients = {Secret("a client's"), Secret("of both")};
  const std::vector<Secret> nodes = {Secret("a node's"), Secret("of both"), Secret("")};
  Limits common;
  common.concurrency = 2;
  const TokenTable table(rows, clients, Allowed::all(), key(), common, {}, nodes);
  EXPECT_EQ(table.find("client")->kind, TokenKind::kClient);
  EXPECT_EQ(table.find("node")->kind, TokenKind::kRelay);
  EXPECT_EQ(table.find("newer")->kind, TokenKind::kUnknown);
  EXPECT_EQ(table.find("a client's")->kind, TokenKind::kClient);
  EXPECT_EQ(table.find("of both")->kind, TokenKind::kClient);
  const auto node = table.find("a node's");
  ASSERT_NE(node, nullptr);
  EXPECT_EQ(node->kind, TokenKind::kRelay);
  EXPECT_EQ(node->name, "environment, relay 1");
  EXPECT_EQ(node->allowed, Allowed::none());
  EXPECT_EQ(node->limits, nullptr);
  EXPECT_EQ(table.size(), 6u);
}

TEST(TokenTable, KnowsTokensThatAnotherMachineHashed) {
  const std::vector<Secret> others = {Secret("the key of a third machine......"),
                                      Secret("the key of another machine......")};
  const HmacKey other(others[1]);
  std::vector<store::Token> rows = {row("1", "of here")};
  rows.push_back({.id = "2", .name = "moved", .kind = "client", .hash = other("from there")});
  const TokenTable table(rows, {}, Allowed::none(), key(), {}, others);
  EXPECT_EQ(table.find("of here")->id, "1");
  EXPECT_EQ(table.find("from there")->id, "2");
  EXPECT_EQ(table.find("from nowhere"), nullptr);
  EXPECT_EQ(TokenTable(rows, {}, Allowed::none(), key()).find("from there"), nullptr);
}

TEST(TokenTable, KnowsWhatEachMayUse) {
  std::vector<store::Token> rows = {row("1", "usual"), row("2", "some"), row("3", "newer")};
  rows[1].allow = "files,other";
  rows[2].allow = "files,what-is-not-invented-yet";
  const TokenTable table(rows, {}, Allowed::none(), key());
  EXPECT_EQ(table.find("usual")->allowed, Allowed::owned());
  EXPECT_EQ(table.find_id("2")->allowed, Allowed::parse("files,other").value());
  EXPECT_EQ(table.find_id("3")->allowed, Allowed::none());
  EXPECT_EQ(table.find_id("4"), nullptr);
}

TEST(TokenTable, KnowsLimitsAndExpiry) {
  std::vector<store::Token> rows = {row("1", "free"), row("2", "limited"), row("3", "newer"),
                                    row("4", "brief")};
  rows[1].limits = R"({"requests_per_minute":5})";
  rows[2].limits = R"({"what_is_not_invented_yet":5})";
  rows[3].expires = store::Time(std::chrono::seconds(1'800'000'000));
  const std::vector<Secret> environment = {Secret("from the environment")};
  Limits common;
  common.concurrency = 2;
  const TokenTable table(rows, environment, Allowed::none(), key(), common);
  const Clock::Wall before(std::chrono::seconds(1'799'999'999));
  EXPECT_EQ(table.find("free")->limits, nullptr);
  EXPECT_TRUE(table.find("free")->check(ManualClock(before + std::chrono::years(100))));
  EXPECT_EQ(table.find("limited")->limits->requests_per_minute, 5);
  EXPECT_EQ(table.find("from the environment")->limits->concurrency, 2);
  const Result<> trouble = table.find("newer")->check(ManualClock(before));
  ASSERT_FALSE(trouble);
  EXPECT_EQ(trouble.error().kind, ErrorKind::kPermissionDenied);
  EXPECT_TRUE(trouble.error().detail.contains("what_is_not_invented_yet"));
  EXPECT_TRUE(table.find("brief")->check(ManualClock(before)));
  const Result<> expired =
      table.find("brief")->check(ManualClock(before + std::chrono::seconds(1)));
  ASSERT_FALSE(expired);
  EXPECT_EQ(expired.error().kind, ErrorKind::kUnauthenticated);
  EXPECT_TRUE(expired.error().detail.contains("2027-1-15"));
}

TEST(TokenTable, ATokenOutlivesTheTableItCameFrom) {
  std::shared_ptr<const Token> token;
  {
    const std::vector<store::Token> rows = {row("1", "text")};
    token = TokenTable(rows, {}, Allowed::none(), key()).find("text");
  }
  EXPECT_EQ(token->id, "1");
}

TEST(MakeToken, TellsKindsApartAtSight) {
  const NewToken made = make_token("1", "tab", Allowed::none(), key(), {}, TokenKind::kRelay);
  EXPECT_TRUE(made.text.reveal().starts_with("wsr-"));
  EXPECT_EQ(made.row.kind, "relay");
  const TokenTable table({&made.row, 1}, {}, Allowed::none(), key());
  EXPECT_EQ(table.find(made.text.reveal())->kind, TokenKind::kRelay);
}

TEST(MakeToken, GivesATextThatItsRowLetsIn) {
  const NewToken made = make_token("1", "first", Allowed::owned(), key(), {});
  EXPECT_TRUE(made.text.reveal().starts_with("wst-"));
  EXPECT_EQ(made.row.prefix, std::string(made.text.reveal().substr(0, 8)) + "...");
  const TokenTable table({&made.row, 1}, {}, Allowed::none(), key());
  EXPECT_NE(table.find(made.text.reveal()), nullptr);
}

}  // namespace
}  // namespace wasat::account
