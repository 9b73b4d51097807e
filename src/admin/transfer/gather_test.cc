#include "admin/transfer/gather.h"

#include <gtest/gtest.h>

#include "admin/transfer/cargo_json.h"
#include "admin/transfer/import_plan.h"
#include "admin/transfer/transfer_test_settings.h"

namespace wasat::admin::transfer {
namespace {

const store::Keys& keys() {
  static const store::Keys made(Secret("0123456789abcdef0123456789abcdef"));
  return made;
}

store::Contents contents() {
  store::Contents here;
  here.credentials.push_back(
      {.id = "c1", .provider = "api_key", .name = "one", .secret = Secret("key-1")});
  here.credentials.push_back({.id = "env-1",
                              .provider = "api_key",
                              .name = "environment 1",
                              .secret = Secret("key-2"),
                              .from_environment = true});
  here.credentials.push_back({.id = "c3", .provider = "api_key", .name = "damaged"});
  here.tokens.push_back(
      {.id = "t1", .name = "laptop", .kind = "client", .hash = keys().tokens("a")});
  here.token_keys.emplace_back(std::string(32, 'k'));
  here.settings.emplace("pool.max_failures", Secret("3"));
  here.settings.emplace("access.admin_password", Secret("not for others"));
  here.settings.emplace("of.a_newer_one", Secret("x"));
  here.model_aliases["a"] = "b";
  return here;
}

Cargo gathered() {
  const std::vector<Secret> tokens = {Secret("a"), Secret("environment-token-0123456789abcdef")};
  return gather(contents(), keys(), TestSettings(),
                {.texts = tokens, .allowed = account::Allowed::owned()});
}

TEST(Gather, TakesEverythingThatWorksElsewhere) {
  const Cargo cargo = gathered();
  ASSERT_EQ(cargo.credentials.size(), 2u);
  EXPECT_EQ(cargo.credentials[1].id, "");
  EXPECT_FALSE(cargo.credentials[1].from_environment);
  ASSERT_EQ(cargo.tokens.size(), 2u) << "a token that is stored and given counts once";
  EXPECT_EQ(cargo.tokens[1].hash, keys().tokens("environment-token-0123456789abcdef"));
  ASSERT_EQ(cargo.token_keys.size(), 2u);
  EXPECT_TRUE(cargo.token_keys[0].equals(keys().token_key.reveal()));
  EXPECT_FALSE(cargo.settings.contains("access.admin_password"));
  EXPECT_TRUE(cargo.settings.at("of.a_newer_one").secret);
  EXPECT_FALSE(cargo.settings.at("pool.max_failures").secret);
}

TEST(Gather, TakesTheNodesTokensOfTheEnvironmentAsSuch) {
  const std::vector<Secret> nodes = {Secret("a-node-token-0123456789abcdef"), Secret("a")};
  const Cargo cargo = gather(contents(), keys(), TestSettings(),
                             {.texts = {}, .allowed = account::Allowed::owned(), .relay = nodes});
  ASSERT_EQ(cargo.tokens.size(), 2u) << "one is stored, as a client's";
  EXPECT_EQ(cargo.tokens[1].kind, "relay");
  EXPECT_EQ(cargo.tokens[1].allow, "none");
  EXPECT_EQ(cargo.tokens[1].id, "");
}

// Law: what is exported and imported elsewhere is what an export of there holds.
TEST(Gather, ThenImportThenGatherGivesTheSame) {
  const Cargo cargo = gathered();
  const store::Keys other(Secret("another master key, 32 bytes long"));
  int number = 0;
  const ImportPlan plan =
      plan_import(cargo, {}, other, TestSettings(),
                  {.new_id = [&] { return "new-" + std::to_string(++number); }});
  store::Contents there;
  for (const store::Change& change : plan.changes) {
    if (const auto* put = std::get_if<store::PutCredential>(&change)) {
      there.credentials.push_back(put->credential);
    } else if (const auto* token = std::get_if<store::PutToken>(&change)) {
      there.tokens.push_back(token->token);
    } else if (const auto* key = std::get_if<store::PutTokenKey>(&change)) {
      there.token_keys.push_back(key->key);
    } else if (const auto* alias = std::get_if<store::PutModelAlias>(&change)) {
      there.model_aliases[alias->alias] = alias->model;
    } else if (const auto* setting = std::get_if<store::PutSetting>(&change)) {
      there.settings.emplace(setting->key, setting->value);
    }
  }
  Cargo again = gather(there, other, TestSettings(), {});
  EXPECT_TRUE(again.token_keys[0].equals(other.token_key.reveal()));
  EXPECT_EQ(again.token_keys.size(), cargo.token_keys.size() + 1);
  EXPECT_EQ(again.credentials.size(), cargo.credentials.size());
  for (std::size_t i = 0; i < cargo.credentials.size(); ++i) {
    EXPECT_TRUE(again.credentials[i].secret.equals(cargo.credentials[i].secret.reveal()));
    EXPECT_EQ(again.credentials[i].name, cargo.credentials[i].name);
  }
  ASSERT_EQ(again.tokens.size(), cargo.tokens.size());
  for (std::size_t i = 0; i < cargo.tokens.size(); ++i) {
    EXPECT_EQ(again.tokens[i].hash, cargo.tokens[i].hash);
  }
  EXPECT_EQ(again.aliases, cargo.aliases);
  // And coming back, nothing changes.
  EXPECT_TRUE(plan_import(again, contents(), keys(), TestSettings(), {.new_id = [] { return "x"; }})
                  .report.count(Kind::kCredential, Outcome::kAdded) == 0);
}

}  // namespace
}  // namespace wasat::admin::transfer
