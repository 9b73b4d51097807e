#include "store/sqlite/sqlite_store.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <set>
#include <thread>

#include "base/temp_folder.h"
#include "store/keys_test.h"
#include "store/sqlite/faulty_disk.h"
#include "store/sqlite/migrations.h"

namespace wasat::store {
namespace {

class SqliteStoreTest : public testing::Test {
 protected:
  Result<std::unique_ptr<SqliteStore>> open(const Keys& with = keys()) {
    return SqliteStore::open({.path = path_, .patience = std::chrono::milliseconds(20)}, with,
                             clock_);
  }
  std::unique_ptr<SqliteStore> must_open() {
    auto store = open();
    if (!store) ADD_FAILURE() << store.error().detail;
    return store ? std::move(*store) : nullptr;
  }
  std::string refusal(const Keys& with = keys()) {
    auto store = open(with);
    return store ? "" : store.error().detail;
  }
  // What a store that is opened anew finds.
  Contents reopened() {
    auto contents = must_open()->load_all();
    if (!contents) ADD_FAILURE() << contents.error().detail;
    return contents ? std::move(*contents) : Contents{};
  }
  std::string raw_bytes() { return read_file(path_) + read_file(path_ + "-wal"); }

  Credential credential(std::string id, std::string_view secret) {
    return {.id = std::move(id),
            .provider = "api_key",
            .name = "first",
            .secret = Secret(secret),
            .created = to_time(clock_.wall()),
            .updated = to_time(clock_.wall())};
  }

  ManualClock clock_;
  TempFolder temp_;
  std::string path_ = temp_.file("wasat.db");
};

TEST_F(SqliteStoreTest, GivesBackWhatItWasGiven) {
  {
    auto store = must_open();
    const Time now = to_time(clock_.wall());
    const std::vector<Change> changes = {
        PutCredential{credential("c1", "AIzaSyVerySecret")},
        SetCredentialState{"c1", CredentialState::kDisabled, "the upstream calls it invalid", now},
        PutCooldown{{"c1", "gemini-2.5-flash", now + std::chrono::minutes(5), "429"}},
        PutCooldown{{"c1", "", now + std::chrono::minutes(1), "overload"}},
        PutToken{{.id = "t1",
                  .name = "laptop",
                  .kind = "client",
                  .hash = keys().tokens("wst-abc"),
                  .prefix = "wst-ab...",
                  .allow = "files,caches",
                  .created = now}},
        PutSetting{"log.level", Secret("debug")},
        PutSetting{"access.metrics_token", Secret("metrics-secret"), true},
        SetAdminPassword{"$argon2id$...", now},
        PutModelAlias{"gpt-4o", "gemini-2.5-flash"},
    };
    ASSERT_TRUE(store->write_and_wait(changes).has_value());
    EXPECT_TRUE(store->status().healthy);
  }
  const Contents contents = reopened();
  ASSERT_EQ(contents.credentials.size(), 1u);
  const Credential& c = contents.credentials[0];
  EXPECT_TRUE(c.secret.equals("AIzaSyVerySecret"));
  EXPECT_EQ(c.state, CredentialState::kDisabled);
  EXPECT_EQ(c.reason, "the upstream calls it invalid");
  EXPECT_EQ(c.created, to_time(clock_.wall()));
  EXPECT_EQ(contents.cooldowns.size(), 2u);
  ASSERT_EQ(contents.tokens.size(), 1u);
  EXPECT_EQ(contents.tokens[0].allow, "files,caches");
  EXPECT_FALSE(contents.tokens[0].disabled);
  EXPECT_TRUE(same_digest(contents.tokens[0].hash, keys().tokens("wst-abc")));
  EXPECT_TRUE(contents.settings.at("log.level").equals("debug"));
  EXPECT_TRUE(contents.settings.at("access.metrics_token").equals("metrics-secret"));
  EXPECT_EQ(contents.admin_password_hash, "$argon2id$...");
  EXPECT_EQ(contents.model_aliases.at("gpt-4o"), "gemini-2.5-flash");
}

TEST_F(SqliteStoreTest, KeepsHowTheOperatorWantsThings) {
  Credential wished = credential("c1", "one");
  wished.tier = 2;
  wished.weight = 5;
  wished.most_leases = 3;
  wished.proxy = Secret("socks5://user:PassOfTheProxy@10.0.0.1:1080");
  wished.note = "of the second account";
  const Time tomorrow = to_time(clock_.wall()) + std::chrono::hours(24);
  {
    auto store = must_open();
    ASSERT_TRUE(store
                    ->write_and_wait({PutCredential{wished}, PutCredential{credential("c2", "two")},
                                      PutToken{{.id = "t1",
                                                .hash = keys().tokens("wst-abc"),
                                                .expires = tomorrow,
                                                .limits = R"({"rpm":60})"}}})
                    .has_value());
  }
  EXPECT_EQ(raw_bytes().find("PassOfTheProxy"), std::string::npos);
  const Contents contents = reopened();
  ASSERT_EQ(contents.credentials.size(), 2u);
  const Credential& c = contents.credentials[0];
  EXPECT_EQ(c.tier, 2);
  EXPECT_EQ(c.weight, 5u);
  EXPECT_EQ(c.most_leases, 3u);
  EXPECT_TRUE(c.proxy.equals(wished.proxy.reveal()));
  EXPECT_EQ(c.note, wished.note);
  EXPECT_FALSE(contents.credentials[1].tier.has_value());
  EXPECT_TRUE(contents.credentials[1].proxy.empty());
  EXPECT_EQ(contents.tokens[0].expires, tomorrow);
  EXPECT_EQ(contents.tokens[0].limits, R"({"rpm":60})");
}

TEST_F(SqliteStoreTest, KeepsHowCredentialsFare) {
  auto store = must_open();
  const Time now = to_time(clock_.wall());
  const CredentialHealth known{.credential_id = "c1",
                               .successes = 12.25,
                               .failures = 0.1,
                               .failures_in_a_row = 3,
                               .half_open = true,
                               .attempts = 5'000'000'000,
                               .succeeded = 4'000'000'000,
                               .last_success = now,
                               .noted = now};
  ASSERT_TRUE(store->write_and_wait({PutCredential{credential("c1", "one")}}));
  CredentialHealth gone = known;
  gone.credential_id = "gone";
  store->note(PutCredentialHealth{{known, gone}});
  CredentialHealth later = known;
  later.attempts += 1;
  store->note(PutCredentialHealth{{later}});
  store->stop();
  const Contents contents = reopened();
  ASSERT_EQ(contents.health.size(), 1u);
  const CredentialHealth& back = contents.health[0];
  EXPECT_EQ(back.credential_id, "c1");
  EXPECT_DOUBLE_EQ(back.successes, 12.25);
  EXPECT_DOUBLE_EQ(back.failures, 0.1);
  EXPECT_EQ(back.failures_in_a_row, 3u);
  EXPECT_TRUE(back.half_open);
  EXPECT_EQ(back.attempts, 5'000'000'001u);
  EXPECT_EQ(back.succeeded, 4'000'000'000u);
  EXPECT_EQ(back.last_success, now);
  EXPECT_EQ(back.last_failure, Time());
  EXPECT_EQ(back.noted, now);
  ASSERT_TRUE(must_open()->write_and_wait({RemoveCredential{"c1"}}));
  EXPECT_TRUE(reopened().health.empty());
}

TEST_F(SqliteStoreTest, RowsOfAnOlderProgramHaveNoWishes) {
  {
    auto database = Database::open(path_, std::chrono::milliseconds(20));
    ASSERT_TRUE(database.has_value());
    ASSERT_TRUE(migrate(*database, sqlite_migrations().first(3), 0).has_value());
    ASSERT_TRUE(database
                    ->execute("INSERT INTO credentials VALUES ('env-1', 'api_key', 'n', NULL,"
                              " x'00', 'ready', '', 0, 0);"
                              "INSERT INTO tokens (id, name, kind, hash, prefix, allow_raw,"
                              " disabled, created) VALUES ('t1', 'n', 'client', x'" +
                              hex(as_bytes(keys().tokens("a"))) + "', 'p', 0, 0, 0);")
                    .has_value());
  }
  const Contents contents = reopened();
  ASSERT_EQ(contents.credentials.size(), 1u);
  EXPECT_FALSE(contents.credentials[0].tier.has_value());
  EXPECT_EQ(contents.credentials[0].weight, 1u);
  EXPECT_EQ(contents.credentials[0].most_leases, 0u);
  ASSERT_EQ(contents.tokens.size(), 1u);
  EXPECT_EQ(contents.tokens[0].expires, Time());
  EXPECT_EQ(contents.tokens[0].limits, "");
}

TEST_F(SqliteStoreTest, RemovesWhatItIsTold) {
  {
    auto store = must_open();
    const Time later = to_time(clock_.wall()) + std::chrono::hours(1);
    ASSERT_TRUE(store
                    ->write_and_wait(
                        {PutCredential{credential("c1", "one")},
                         PutCredential{credential("c2", "two")}, PutCooldown{{"c1", "", later, ""}},
                         PutCooldown{{"c2", "a", later, ""}}, PutCooldown{{"c2", "b", later, ""}},
                         PutSetting{"a", Secret("1")}, PutModelAlias{"a", "b"}})
                    .has_value());
    ASSERT_TRUE(
        store
            ->write_and_wait({RemoveCredential{"c1"}, ClearCooldowns{"c2", "a"}, RemoveSetting{"a"},
                              RemoveModelAlias{"a"}, RemoveToken{"nobody"}})
            .has_value());
  }
  const Contents contents = reopened();
  ASSERT_EQ(contents.credentials.size(), 1u);
  ASSERT_EQ(contents.cooldowns.size(), 1u);  // c1's went with it
  EXPECT_EQ(contents.cooldowns[0].scope, "b");
  EXPECT_TRUE(contents.settings.empty());
  EXPECT_TRUE(contents.model_aliases.empty());
}

TEST_F(SqliteStoreTest, WritesNoSecretInTheClear) {
  auto store = must_open();
  ASSERT_TRUE(store
                  ->write_and_wait({PutCredential{credential("c1", "AIzaSyVerySecret")},
                                    PutSetting{"s", Secret("sealed-setting"), true}})
                  .has_value());
  store->note(PutCredential{Credential{.id = "env-1",
                                       .provider = "api_key",
                                       .name = "environment",
                                       .secret = Secret("AIzaSyFromOutside"),
                                       .from_environment = true}});
  store->stop();
  const std::string bytes = raw_bytes();
  EXPECT_EQ(bytes.find("VerySecret"), std::string::npos);
  EXPECT_EQ(bytes.find("sealed-setting"), std::string::npos);
  EXPECT_EQ(bytes.find("FromOutside"), std::string::npos);
  EXPECT_NE(bytes.find("environment"), std::string::npos);
  EXPECT_EQ(mode_of(path_), 0600u);

  // What the environment gives is not kept even sealed.
  for (const Credential& c : reopened().credentials) {
    EXPECT_EQ(c.from_environment, c.id == "env-1");
    EXPECT_EQ(c.secret.empty(), c.id == "env-1");
  }
}

Change memo(std::string key, std::string value, Time created) {
  return PutMemo{{.token_id = "t1",
                  .kind = Memo::Kind::kSignature,
                  .key = std::move(key),
                  .value = std::move(value),
                  .created = created}};
}

TEST_F(SqliteStoreTest, MemosComeBackNewestFirstUpToABound) {
  const Time now = to_time(clock_.wall());
  {
    auto store = must_open();
    store->note(memo("a", "first-value", now));
    store->note(memo("b", "second", now));
    store->note(memo("a", "third", now));
    store->stop();
    EXPECT_EQ(raw_bytes().find("second"), std::string::npos);  // sealed
  }
  auto store = must_open();
  const auto all = store->load_memos(1000);
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 2u);
  EXPECT_EQ((*all)[0].key, "a");
  EXPECT_EQ((*all)[0].value, "third");
  EXPECT_EQ((*all)[1].value, "second");
  EXPECT_EQ(store->load_memos(7)->size(), 1u);
}

TEST_F(SqliteStoreTest, OldMemosAreRemovedAndThenTheOldestBeyondTheBound) {
  const Time now = to_time(clock_.wall());
  auto store = must_open();
  std::vector<Change> changes = {memo("old", "x", now - std::chrono::hours(2))};
  for (const char* key : {"a", "b", "c"}) changes.push_back(memo(key, std::string(1000, 'v'), now));
  ASSERT_TRUE(store->write_and_wait(std::move(changes)));
  ASSERT_TRUE(store->write_and_wait({RemoveMemos{now - std::chrono::hours(1), 10'000}}));
  EXPECT_EQ(store->load_memos(1 << 20)->size(), 3u);
  ASSERT_TRUE(store->write_and_wait({RemoveMemos{now - std::chrono::hours(1), 2'500}}));
  const auto left = store->load_memos(1 << 20);
  ASSERT_EQ(left->size(), 2u);
  EXPECT_EQ((*left)[1].key, "b");
}

TEST_F(SqliteStoreTest, TransactionsAreAllOrNothing) {
  auto store = must_open();
  ASSERT_TRUE(store->write_and_wait({PutCredential{credential("c1", "same")}}).has_value());
  Credential twin = credential("c2", "same");
  const Result<> refused =
      store->write_and_wait({PutModelAlias{"a", "b"}, PutCredential{std::move(twin)}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kInvalidRequest);
  EXPECT_NE(refused.error().detail.find("already there as \"first\""), std::string::npos);
  EXPECT_TRUE(store->status().healthy);  // it is the author's mistake
  store.reset();
  EXPECT_TRUE(reopened().model_aliases.empty());
}

TEST_F(SqliteStoreTest, ACredentialWithoutSecretIsRefused) {
  EXPECT_FALSE(must_open()->write_and_wait({PutCredential{credential("c1", "")}}).has_value());
}

TEST_F(SqliteStoreTest, NotesAreWrittenAndOneThatFailsSparesTheOthers) {
  {
    auto store = must_open();
    const Time later = to_time(clock_.wall()) + std::chrono::hours(1);
    ASSERT_TRUE(store->write_and_wait({PutCredential{credential("c1", "one")}}).has_value());
    store->note(PutCooldown{{"c1", "", later, "429"}});
    store->note(PutCredential{credential("c2", "one")});
    store->note(PutCooldown{{"nobody", "", later, "429"}});
    store->note(SetCredentialState{"c1", CredentialState::kNeedsPerson, "sign in", later});
    store->stop();
    EXPECT_EQ(store->status().dropped, 1u);
    EXPECT_TRUE(store->status().healthy);
  }
  const Contents contents = reopened();
  ASSERT_EQ(contents.cooldowns.size(), 1u);
  EXPECT_EQ(contents.credentials[0].state, CredentialState::kNeedsPerson);
}

TEST_F(SqliteStoreTest, KeepsWhoOwnsWhat) {
  const Time now = to_time(clock_.wall());
  const auto resource = [now](std::string name, std::string token, std::chrono::hours kept) {
    return PutResource{{.name = std::move(name),
                        .token_id = std::move(token),
                        .credential_id = "c1",
                        .mime_type = "text/plain",
                        .created = now,
                        .expires = now + kept}};
  };
  using std::chrono::hours;
  {
    auto store = must_open();
    ASSERT_TRUE(store
                    ->write_and_wait(
                        {resource("files/a", "t1", hours(48)), resource("files/a", "t2", hours(48)),
                         resource("files/b", "t1", hours(1)), resource("files/c", "t1", hours(48)),
                         RemoveResource{"t1", "files/c"}})
                    .has_value());
    ASSERT_TRUE(store->write_and_wait({resource("files/a", "t1", hours(2))}).has_value());
    clock_.advance(hours(1));
    const auto contents = store->load_all();
    ASSERT_EQ(contents->resources.size(), 2u);
    const Resource& first = contents->resources[0];
    EXPECT_EQ(first.name, "files/a");
    EXPECT_EQ(first.credential_id, "c1");
    EXPECT_EQ(first.mime_type, "text/plain");
    EXPECT_EQ(first.created, now);
    EXPECT_EQ(first.expires, now + hours(first.token_id == "t1" ? 2 : 48));
    store->note(RemoveExpiredResources{now + hours(2)});
  }
  EXPECT_EQ(reopened().resources.size(), 1u);
}

TEST_F(SqliteStoreTest, WhatTheEnvironmentsKeyOwnsIsTheStoredKeysThen) {
  auto store = must_open();
  Credential noted = credential("env-1", "same");
  noted.from_environment = true;
  const Time later = to_time(clock_.wall()) + std::chrono::hours(1);
  ASSERT_TRUE(
      store
          ->write_and_wait({PutCredential{std::move(noted)}, PutResource{{.name = "files/a",
                                                                          .token_id = "t1",
                                                                          .credential_id = "env-1",
                                                                          .expires = later}}})
          .has_value());
  ASSERT_TRUE(store->write_and_wait({PutCredential{credential("c1", "same")}}).has_value());
  EXPECT_EQ(store->load_all()->resources[0].credential_id, "c1");
}

TEST_F(SqliteStoreTest, KeepsTheTokenKeysOfOtherMachinesSealed) {
  const Secret key("0123456789-the-key-of-another-one");
  {
    auto store = must_open();
    ASSERT_TRUE(store->write_and_wait({PutTokenKey{key}, PutTokenKey{key}}));
  }
  const Contents contents = reopened();
  ASSERT_EQ(contents.token_keys.size(), 1u);
  EXPECT_TRUE(contents.token_keys[0].equals(key.reveal()));
  EXPECT_EQ(raw_bytes().find(key.reveal()), std::string::npos);
}

TEST_F(SqliteStoreTest, KeepsWhoseANodesNameIs) {
  const Time now = to_time(clock_.wall());
  const auto put = [&](const char* id, const char* token, int second) {
    return PutNodeName{{.id = id, .token_id = token, .taken = now + std::chrono::seconds(second)}};
  };
  {
    auto store = must_open();
    ASSERT_TRUE(store->write_and_wait(
        {put("relay-a", "t1", 0), put("relay-b", "t1", 1), put("relay-c", "t2", 2)}));
    ASSERT_TRUE(store->write_and_wait({put("relay-a", "t2", 3), RemoveNodeNames{2}}));
  }
  const std::vector<NodeName> names = reopened().node_names;
  ASSERT_EQ(names.size(), 2u);
  EXPECT_EQ(names[0].id, "relay-c") << "the oldest first";
  EXPECT_EQ(names[1].id, "relay-a");
  EXPECT_EQ(names[1].token_id, "t2");
  EXPECT_EQ(names[1].taken, now + std::chrono::seconds(3));
}

TEST_F(SqliteStoreTest, TokensOfAnOlderProgramKeepWhatTheyMayDo) {
  {
    auto database = Database::open(path_, std::chrono::milliseconds(20));
    ASSERT_TRUE(database.has_value());
    ASSERT_TRUE(migrate(*database, sqlite_migrations().first(1), 0).has_value());
    const std::string hash = std::string("x'") + hex(as_bytes(keys().tokens("a"))) + "'";
    const std::string other = std::string("x'") + hex(as_bytes(keys().tokens("b"))) + "'";
    ASSERT_TRUE(database
                    ->execute("INSERT INTO tokens VALUES ('t1', 'n', 'client', " + hash +
                              ", 'p', 1, 0, 0), ('t2', 'n', 'client', " + other +
                              ", 'p', 0, 0, 0);")
                    .has_value());
  }
  const Contents contents = reopened();
  ASSERT_EQ(contents.tokens.size(), 2u);
  EXPECT_EQ(contents.tokens[0].allow, "all");
  EXPECT_EQ(contents.tokens[1].allow, "");
}

TEST_F(SqliteStoreTest, LeavesOutCooldownsThatAreOver) {
  auto store = must_open();
  const Time now = to_time(clock_.wall());
  ASSERT_TRUE(store
                  ->write_and_wait({PutCredential{credential("c1", "one")},
                                    PutCooldown{{"c1", "", now + std::chrono::seconds(1), ""}}})
                  .has_value());
  EXPECT_EQ(store->load_all()->cooldowns.size(), 1u);
  clock_.advance(std::chrono::seconds(1));
  EXPECT_TRUE(store->load_all()->cooldowns.empty());
}

TEST_F(SqliteStoreTest, KeepsACooldownThatLeftADoubt) {
  auto store = must_open();
  const Time until = to_time(clock_.wall()) + std::chrono::seconds(1);
  ASSERT_TRUE(store
                  ->write_and_wait({PutCredential{credential("c1", "one")},
                                    PutCooldown{{"c1", "m", until, "429", true}}})
                  .has_value());
  clock_.advance(std::chrono::hours(1));
  const Contents contents = *store->load_all();
  ASSERT_EQ(contents.cooldowns.size(), 1u);
  EXPECT_TRUE(contents.cooldowns[0].half_open);
  EXPECT_EQ(contents.cooldowns[0].until, until);
}

TEST_F(SqliteStoreTest, AStoredKeyTakesThePlaceOfTheEnvironmentsNote) {
  auto store = must_open();
  Credential noted = credential("env-1", "same");
  noted.from_environment = true;
  store->note(PutCredential{std::move(noted)});
  ASSERT_TRUE(store->write_and_wait({}).has_value());
  ASSERT_TRUE(store->write_and_wait({PutCredential{credential("c1", "same")}}).has_value());
  store->stop();
  const Contents contents = reopened();
  ASSERT_EQ(contents.credentials.size(), 1u);
  EXPECT_EQ(contents.credentials[0].id, "c1");
}

TEST_F(SqliteStoreTest, AfterStopRefusesWritesAndCountsNotes) {
  auto store = must_open();
  store->stop();
  const Result<> refused = store->write_and_wait({PutModelAlias{"a", "b"}});
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().kind, ErrorKind::kUnavailable);
  store->note(PutModelAlias{"a", "b"});
  EXPECT_EQ(store->status().dropped, 1u);
}

TEST_F(SqliteStoreTest, AnotherMasterKeyIsRefusedWithTheRemedy) {
  must_open();
  const Keys other(Secret("another key of at least 32 bytes.."));
  const std::string text = refusal(other);
  EXPECT_NE(text.find("API_KEY_ENCRYPTION_KEY"), std::string::npos) << text;
  EXPECT_NE(text.find("master.key"), std::string::npos) << text;
  EXPECT_EQ(refusal(), "");  // the right one still works
}

TEST_F(SqliteStoreTest, ADamagedSecretNeedsAPersonAndSparesTheOthers) {
  {
    auto store = must_open();
    ASSERT_TRUE(store
                    ->write_and_wait({PutCredential{credential("c1", "one")},
                                      PutCredential{credential("c2", "two")}})
                    .has_value());
  }
  {
    auto database = Database::open(path_, std::chrono::milliseconds(20));
    ASSERT_TRUE(database.has_value());
    // A sealed secret opens nowhere but in its own row.
    ASSERT_TRUE(
        database->run("UPDATE credentials SET secret = (SELECT secret FROM credentials"
                      " WHERE id = 'c2') WHERE id = 'c1'"));
  }
  const Contents contents = reopened();
  ASSERT_EQ(contents.credentials.size(), 2u);
  EXPECT_EQ(contents.credentials[0].state, CredentialState::kNeedsPerson);
  EXPECT_TRUE(contents.credentials[0].secret.empty());
  EXPECT_TRUE(contents.credentials[1].secret.equals("two"));
}

TEST_F(SqliteStoreTest, ANewerDatabaseIsRefusedUnlessItIsCompatible) {
  must_open();
  auto database = Database::open(path_, std::chrono::milliseconds(20));
  ASSERT_TRUE(database->execute("INSERT INTO schema_versions VALUES (1000, 1, 0)").has_value());
  EXPECT_EQ(refusal(), "");
  ASSERT_TRUE(database->execute("INSERT INTO schema_versions VALUES (1001, 1000, 0)").has_value());
  const std::string text = refusal();
  EXPECT_NE(text.find("newer Wasat"), std::string::npos) << text;
  EXPECT_NE(text.find("restore the backup"), std::string::npos) << text;
}

TEST_F(SqliteStoreTest, ALockedDatabaseIsRefusedWithTheRemedy) {
  must_open();
  auto other = Database::open(path_, std::chrono::milliseconds(20));
  ASSERT_TRUE(other->execute("BEGIN IMMEDIATE").has_value());
  EXPECT_NE(refusal().find("fuser"), std::string::npos) << refusal();
}

TEST_F(SqliteStoreTest, AFileThatIsNoDatabaseIsRefusedWithTheRemedy) {
  write_file(path_, std::string(8192, 'x'));
  EXPECT_NE(refusal().find("restore it from your backup"), std::string::npos) << refusal();
  EXPECT_EQ(read_file(path_), std::string(8192, 'x'));  // and left as it was
}

TEST_F(SqliteStoreTest, AFolderThatIsMissingIsRefusedWithTheRemedy) {
  path_ = temp_.file("nowhere/wasat.db");
  EXPECT_NE(refusal().find("cannot open the database"), std::string::npos);
}

TEST_F(SqliteStoreTest, ALockWhileRunningIsReportedAndRecovered) {
  auto store = must_open();
  auto other = Database::open(path_, std::chrono::milliseconds(20));
  ASSERT_TRUE(other->execute("BEGIN IMMEDIATE").has_value());
  EXPECT_FALSE(store->write_and_wait({PutModelAlias{"a", "b"}}).has_value());
  EXPECT_FALSE(store->status().healthy);
  EXPECT_NE(store->status().problem.find("locked"), std::string::npos);
  EXPECT_TRUE(store->load_all().has_value());
  ASSERT_TRUE(other->execute("ROLLBACK").has_value());
  EXPECT_TRUE(store->write_and_wait({PutModelAlias{"a", "b"}}).has_value());
  EXPECT_TRUE(store->status().healthy);
}

TEST_F(SqliteStoreTest, AFullDiskIsReportedAndNotesAreWrittenWhenThereIsRoomAgain) {
  FaultyDisk disk;
  auto opened = SqliteStore::open({.path = path_,
                                   .patience = std::chrono::milliseconds(20),
                                   .retry = std::chrono::milliseconds(5)},
                                  keys(), clock_);
  ASSERT_TRUE(opened.has_value());
  auto store = std::move(*opened);
  ASSERT_TRUE(store->write_and_wait({PutCredential{credential("c1", "one")}}).has_value());
  disk.writing_gives(SQLITE_FULL);
  const Time now = to_time(clock_.wall());
  store->note(SetCredentialState{"c1", CredentialState::kDisabled, "invalid", now});
  const Result<> refused = store->write_and_wait({PutModelAlias{"a", "b"}});
  ASSERT_FALSE(refused.has_value());  // at once, whatever waits
  EXPECT_NE(refused.error().detail.find("make room"), std::string::npos) << refused.error().detail;
  EXPECT_FALSE(store->status().healthy);
  EXPECT_EQ(store->load_all()->credentials.size(), 1u);
  disk.writing_gives(SQLITE_OK);
  const auto give_up = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (store->status().waiting > 0 && std::chrono::steady_clock::now() < give_up) {
    std::this_thread::yield();
  }
  ASSERT_TRUE(store->write_and_wait({PutModelAlias{"a", "b"}}).has_value());
  EXPECT_TRUE(store->status().healthy);
  EXPECT_EQ(store->status().dropped, 0u);
  EXPECT_EQ(store->load_all()->credentials[0].state, CredentialState::kDisabled);
  store.reset();
}

TEST_F(SqliteStoreTest, AFileThatIsDamagedWhileRunningIsReportedUntilItIsPutBack) {
  auto store = must_open();
  ASSERT_TRUE(store->write_and_wait({PutCredential{credential("c1", "one")}}).has_value());
  {
    auto other = Database::open(path_, std::chrono::milliseconds(20));
    ASSERT_TRUE(other->execute("PRAGMA wal_checkpoint(TRUNCATE)").has_value());
  }
  const std::string backup = read_file(path_);
  const auto overwrite = [this](const std::string& bytes) {
    std::fstream file(path_, std::ios::in | std::ios::out | std::ios::binary);
    file.write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  };
  overwrite(std::string(backup.size(), 'x'));
  EXPECT_FALSE(store->write_and_wait({PutModelAlias{"a", "b"}}).has_value());
  EXPECT_FALSE(store->write_and_wait({PutModelAlias{"a", "b"}}).has_value());
  EXPECT_NE(store->status().problem.find("restore it from your backup"), std::string::npos)
      << store->status().problem;
  for (const char* end : {"-wal", "-shm"}) std::filesystem::remove(path_ + end);
  overwrite(backup);
  static_cast<void>(store->write_and_wait({}));  // finds that it was put back
  EXPECT_TRUE(store->write_and_wait({PutModelAlias{"a", "b"}}).has_value());
  EXPECT_TRUE(store->status().healthy);
  EXPECT_EQ(store->load_all()->credentials.size(), 1u);
}

// A child writes and reports each acknowledgement until it is killed. What was
// acknowledged is there, whole, and the rest is whole or absent.
TEST_F(SqliteStoreTest, WhatWasAcknowledgedSurvivesAKill) {
  for (int round = 0; round < 3; ++round) {
    path_ = temp_.file("killed-" + std::to_string(round) + ".db");
    int acknowledged[2];
    ASSERT_EQ(pipe(acknowledged), 0);
    const pid_t child = fork();
    if (child == 0) {
      auto store = open();
      if (!store) _exit(1);
      for (int i = 0;; ++i) {
        const std::string id = std::to_string(i);
        if (!(*store)->write_and_wait({PutCredential{credential("c" + id, "secret " + id)},
                                       PutModelAlias{"a" + id, "m" + id}})) {
          _exit(1);
        }
        if (write(acknowledged[1], "x", 1) != 1) _exit(1);
      }
    }
    close(acknowledged[1]);
    std::size_t count = 0;
    char byte = 0;
    while (count < 20 + static_cast<std::size_t>(round) && read(acknowledged[0], &byte, 1) == 1) {
      ++count;
    }
    kill(child, SIGKILL);
    while (read(acknowledged[0], &byte, 1) == 1) ++count;
    close(acknowledged[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));

    const Contents contents = reopened();
    EXPECT_GE(contents.credentials.size(), count);
    EXPECT_EQ(contents.credentials.size(), contents.model_aliases.size());
    for (const Credential& c : contents.credentials) {
      EXPECT_TRUE(c.secret.equals("secret " + c.id.substr(1))) << c.id;
    }
  }
}

TEST_F(SqliteStoreTest, MigrationsRunOnceInOrderAndTogether) {
  auto database = Database::open(path_, std::chrono::milliseconds(20));
  ASSERT_TRUE(database.has_value());
  const std::array<Migration, 3> steps = {
      Migration{1, 1, "CREATE TABLE a (x)"},
      Migration{2, 1, "CREATE TABLE b (x); INSERT INTO b VALUES (1)"},
      Migration{3, 1, "CREATE TABLE c (x); BROKEN"},
  };
  EXPECT_TRUE(migrate(*database, std::span(steps).first(1), 0).has_value());
  EXPECT_FALSE(migrate(*database, steps, 0).has_value());
  EXPECT_FALSE(database->execute("SELECT * FROM b").has_value());  // rolled back with the third
  EXPECT_TRUE(migrate(*database, std::span(steps).first(2), 0).has_value());
  EXPECT_TRUE(migrate(*database, std::span(steps).first(2), 0).has_value());
  EXPECT_TRUE(database->execute("SELECT * FROM b").has_value());
}

TEST(Migrations, AreNumberedFromOneWithoutGap) {
  int expected = 1;
  for (const Migration& migration : sqlite_migrations()) {
    EXPECT_EQ(migration.version, expected++);
    EXPECT_LE(migration.compatible_from, migration.version);
  }
}

}  // namespace
}  // namespace wasat::store
