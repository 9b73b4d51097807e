#include "admin/registry.h"

#include <gtest/gtest.h>

#include "admin/credential_list.h"
#include "admin/fake_store_test.h"

namespace wasat::admin {
namespace {

class AdminRegistry : public testing::Test {
 protected:
  static store::Credential row(const std::string& id, int created) {
    return {.id = id,
            .provider = "api_key",
            .name = "name of " + id,
            .secret = Secret("AIza-secret-of-somebody-" + id),
            .created = store::Time(std::chrono::seconds(created))};
  }

  static Result<> add(Registry& registry, std::vector<std::string> ids) {
    std::vector<store::Credential> rows;
    int created = 0;
    for (const std::string& id : ids) rows.push_back(row(id, ++created));
    return registry.add_credentials(std::move(rows));
  }

  std::vector<std::string> pool_ids() const {
    std::vector<std::string> ids;
    for (const auto& each : *pool_.credentials()) ids.push_back(each->id());
    return ids;
  }

  std::vector<std::string> page(const CredentialFilter& filter, const std::string& sort,
                                std::size_t limit, std::string& cursor) const {
    const auto transient = registry_.transient_credentials();
    const auto found = page_of_credentials(registry_, transient, filter, sort,
                                           {.limit = limit, .cursor = cursor}, clock_.wall());
    EXPECT_TRUE(found);
    std::vector<std::string> ids;
    for (const CredentialRow* each : found->rows) ids.push_back(each->live->id());
    cursor = found->next;
    return ids;
  }

  ManualClock clock_;
  FakeStore store_;
  const store::Keys keys_{Secret("a master key for the tests of the registry")};
  pool::Pool pool_{clock_, {}, nullptr};
  Snapshot<account::TokenTable> tokens_{std::make_shared<const account::TokenTable>(
      std::span<const store::Token>(), std::span<const Secret>(), account::Allowed::none(),
      keys_.tokens)};
  Snapshot<gemini::ModelAliases> aliases_{std::make_shared<const gemini::ModelAliases>()};
  Registry registry_{{.clock = clock_,
                      .store = store_,
                      .keys = keys_,
                      .pool = pool_,
                      .tokens = tokens_,
                      .aliases = aliases_},
                     {},
                     {}};
};

using Ids = std::vector<std::string>;

TEST_F(AdminRegistry, PublishesWhatWasStored) {
  ASSERT_TRUE(add(registry_, {"a", "b", "c"}));
  EXPECT_EQ(pool_ids(), (Ids{"a", "b", "c"}));
  const Ids gone = {"b"};
  ASSERT_TRUE(registry_.remove_credentials(gone));
  EXPECT_EQ(pool_ids(), (Ids{"a", "c"}));
  EXPECT_EQ(registry_.find_credential("b"), nullptr);
  EXPECT_EQ(registry_.find_credential("c")->live->name(), "name of c");
}

TEST_F(AdminRegistry, PublishesNothingThatCouldNotBeStored) {
  ASSERT_TRUE(add(registry_, {"a"}));
  store_.failing = true;
  EXPECT_FALSE(add(registry_, {"b"}));
  const Ids ids = {"a"};
  EXPECT_FALSE(registry_.remove_credentials(ids));
  EXPECT_FALSE(registry_.set_states(ids, pool::CredentialState::kDisabled, "why"));
  EXPECT_FALSE(registry_.put_token({.id = "t", .hash = keys_.tokens("text")}));
  EXPECT_FALSE(registry_.put_alias("x", "y"));
  EXPECT_EQ(pool_ids(), Ids{"a"});
  EXPECT_EQ(registry_.find_credential("a")->live->state(), pool::CredentialState::kReady);
  EXPECT_EQ(tokens_.get()->find("text"), nullptr);
  EXPECT_EQ(aliases_.get()->resolve("x"), "x");
}

TEST_F(AdminRegistry, AnEditedCredentialKeepsHowItFares) {
  ASSERT_TRUE(add(registry_, {"a"}));
  const Ids ids = {"a"};
  ASSERT_TRUE(registry_.set_states(ids, pool::CredentialState::kDisabled, "for a reason"));
  store::Credential edited = registry_.stored(*registry_.find_credential("a"));
  edited.name = "another name";
  edited.weight = 9;
  ASSERT_TRUE(registry_.edit_credentials({edited}));
  const CredentialRow& now = *registry_.find_credential("a");
  EXPECT_EQ(now.live->name(), "another name");
  EXPECT_EQ(now.weight, 9u);
  EXPECT_EQ(now.live->state_reason(), "for a reason");
  EXPECT_EQ(pool_.credentials()->front(), now.live);
}

TEST_F(AdminRegistry, AResetLeavesWhatAPersonHasDisabled) {
  ASSERT_TRUE(add(registry_, {"a", "b"}));
  const Ids both = {"a", "b"};
  const Ids first = {"a"};
  ASSERT_TRUE(registry_.set_states(both, pool::CredentialState::kDisabled, "invalid: renew it"));
  ASSERT_TRUE(
      registry_.set_states(first, pool::CredentialState::kDisabled, std::string(kByPerson)));
  ASSERT_TRUE(registry_.reset_credentials(both));
  EXPECT_EQ(registry_.find_credential("a")->live->state(), pool::CredentialState::kDisabled);
  EXPECT_EQ(registry_.find_credential("b")->live->state(), pool::CredentialState::kReady);
}

TEST_F(AdminRegistry, TokensAndAliasesCountAtOnce) {
  ASSERT_TRUE(registry_.put_token({.id = "t", .name = "x", .hash = keys_.tokens("text")}));
  ASSERT_NE(tokens_.get()->find("text"), nullptr);
  ASSERT_TRUE(registry_.put_alias("short", "gemini-2.5-flash"));
  EXPECT_EQ(aliases_.get()->resolve("short"), "gemini-2.5-flash");
  FromSettings settings;
  settings.tokens.emplace_back("of the settings");
  settings.aliases = {{"other", "gemini-2.5-pro"}};
  settings.api_keys.emplace_back("AIza-of-the-settings");
  registry_.use_settings(std::move(settings));
  EXPECT_NE(tokens_.get()->find("of the settings"), nullptr);
  EXPECT_NE(tokens_.get()->find("text"), nullptr);
  EXPECT_EQ(aliases_.get()->resolve("other"), "gemini-2.5-pro");
  ASSERT_EQ(registry_.credentials().size(), 1u);
  EXPECT_TRUE(registry_.credentials()[0].from_environment);
  EXPECT_EQ(pool_.credentials()->size(), 1u);
  registry_.use_settings({});
  EXPECT_TRUE(registry_.credentials().empty());
  EXPECT_TRUE(pool_.credentials()->empty());
  ASSERT_TRUE(registry_.remove_token("t"));
  ASSERT_TRUE(registry_.remove_alias("short"));
  EXPECT_EQ(tokens_.get()->find("text"), nullptr);
  EXPECT_EQ(aliases_.get()->resolve("short"), "short");
}

TEST_F(AdminRegistry, PagesMeetAndDoNotOverlap) {
  Ids all;
  for (int i = 0; i < 95; ++i) all.push_back("id" + std::to_string(i));
  ASSERT_TRUE(add(registry_, all));
  for (const std::string sort : {"", "created", "-created", "name", "-name", "failures"}) {
    std::set<std::string> seen;
    std::string cursor;
    do {
      for (const std::string& id : page({}, sort, 10, cursor)) {
        EXPECT_TRUE(seen.insert(id).second) << sort << " " << id;
      }
    } while (!cursor.empty());
    EXPECT_EQ(seen.size(), all.size()) << sort;
  }
  std::string cursor;
  EXPECT_EQ(page({}, "", 2, cursor), (Ids{"id0", "id1"}));
  cursor.clear();
  EXPECT_EQ(page({}, "-created", 1, cursor), Ids{"id94"});
}

TEST_F(AdminRegistry, FiltersAndSearches) {
  ASSERT_TRUE(add(registry_, {"one", "two", "three"}));
  const Ids two = {"two"};
  ASSERT_TRUE(registry_.set_states(two, pool::CredentialState::kDisabled, "x"));
  const auto found = [&](CredentialFilter filter) {
    std::string cursor;
    return page(filter, "", 100, cursor);
  };
  EXPECT_EQ(found({.state = "disabled"}), Ids{"two"});
  EXPECT_EQ(found({.state = "ready"}), (Ids{"one", "three"}));
  EXPECT_EQ(found({.text = "name of t"}), (Ids{"two", "three"}));
  EXPECT_EQ(found({.text = "aiza"}), (Ids{"one", "two", "three"})) << "by the masked key";
  EXPECT_EQ(found({.text = "somebody"}), Ids{}) << "never by the key itself";
  EXPECT_EQ(found({.text = "%"}), Ids{});
  EXPECT_EQ(found({.provider = "relay"}), Ids{});
  EXPECT_EQ(found({.min_failures = 1}), Ids{});
  EXPECT_FALSE(page_of_credentials(registry_, {}, {}, "color", {}, clock_.wall()));
  EXPECT_FALSE(page_of_credentials(registry_, {}, {}, "", {.cursor = "zz"}, clock_.wall()));
}

TEST_F(AdminRegistry, WhatComesAndGoesIsShownAndPutOutOfUseButNotStored) {
  ASSERT_TRUE(add(registry_, {"a", "b"}));
  pool_.put({std::make_shared<pool::Credential>(pool::CredentialIdentity{
      .id = "relay-tab", .provider = "relay", .name = "tab", .transient = true})});
  std::string cursor;
  EXPECT_EQ(page({}, "", 10, cursor), (std::vector<std::string>{"a", "b", "relay-tab"}));
  EXPECT_EQ(page({.provider = "relay"}, "", 10, cursor), std::vector<std::string>{"relay-tab"});
  EXPECT_EQ(registry_.find_credential("relay-tab"), nullptr);
  ASSERT_TRUE(registry_.find_transient("relay-tab"));
  EXPECT_FALSE(registry_.find_transient("a"));
  EXPECT_EQ(registry_.credential_name("relay-tab"), "tab");
  EXPECT_EQ(registry_.credential_name("gone"), "");

  const std::size_t written = store_.written.size();
  const std::string id = "relay-tab";
  ASSERT_TRUE(
      registry_.set_states({&id, 1}, pool::CredentialState::kDisabled, std::string(kByPerson)));
  EXPECT_EQ(pool_.find(id)->state(), pool::CredentialState::kDisabled);
  ASSERT_TRUE(registry_.reset_credentials({&id, 1}));
  EXPECT_EQ(pool_.find(id)->state(), pool::CredentialState::kDisabled) << "by a person";
  ASSERT_TRUE(registry_.set_states({&id, 1}, pool::CredentialState::kReady, ""));
  EXPECT_EQ(pool_.find(id)->state(), pool::CredentialState::kReady);
  EXPECT_EQ(store_.written.size(), written);

  FromSettings other;
  other.api_keys = {Secret("AIza-key-of-the-settings-0123456789")};
  registry_.use_settings(std::move(other));
  EXPECT_EQ(pool_ids().size(), 4u) << "the node stays when the store's credentials are put anew";
}

}  // namespace
}  // namespace wasat::admin
