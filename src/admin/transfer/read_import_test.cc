#include "admin/transfer/read_import.h"

#include <gtest/gtest.h>

#include "admin/transfer/account_files.h"
#include "admin/transfer/export_document.h"
#include "admin/transfer/seed_values.h"
#include "admin/transfer/transfer_test_settings.h"
#include "base/temp_folder.h"
#include "store/sqlite/database.h"

namespace wasat::admin::transfer {
namespace {

ReadDocument read(std::string_view bytes) {
  Result<ReadDocument> read = read_document(bytes, Secret("correct horse battery"), TestSettings());
  EXPECT_TRUE(read) << read.error().detail;
  return read ? std::move(*read) : ReadDocument{};
}

std::string refusal(std::string_view bytes) {
  const auto read = read_document(bytes, Secret("correct horse battery"), TestSettings());
  return read ? "" : read.error().detail;
}

std::vector<std::string> texts(const std::vector<Secret>& secrets) {
  std::vector<std::string> found;
  for (const Secret& secret : secrets) found.emplace_back(secret.reveal());
  return found;
}

std::vector<std::string> secrets_of(const Cargo& cargo) {
  std::vector<std::string> found;
  for (const store::Credential& c : cargo.credentials) found.emplace_back(c.secret.reveal());
  return found;
}

std::string why(const Cargo& cargo, std::string_view what) {
  for (const Remark& remark : cargo.remarks) {
    if (remark.what == what) return remark.why;
  }
  return "";
}

using Texts = std::vector<std::string>;

std::string database_with(const std::string& sql) {
  TempFolder folder;
  const std::string path = folder.file("x.db");
  auto database = store::Database::open(path, std::chrono::milliseconds(10));
  EXPECT_TRUE(database);
  EXPECT_TRUE(database->execute("PRAGMA journal_mode = DELETE"));
  EXPECT_TRUE(database->execute(sql));
  return read_file(path);
}

TEST(ReadImport, ListsOfSecretsInAnyForm) {
  EXPECT_EQ(texts(listed_secrets("a,b")), (Texts{"a", "b"}));
  EXPECT_EQ(texts(listed_secrets(" a ; b\n'c'  \"d\" ")), (Texts{"a", "b", "c", "d"}));
  EXPECT_EQ(texts(listed_secrets(R"(["a", " b ", 5, ""])")), (Texts{"a", "b"}));
  EXPECT_EQ(texts(listed_secrets("[\"a\", 'b']")), (Texts{"a", "b"})) << "Python's quotes";
  EXPECT_TRUE(listed_secrets("").empty());
}

TEST(ReadImport, EnvironmentFiles) {
  const ReadDocument file = read(
      "# keys\nexport GEMINI_API_KEYS=\"AIza-1, AIza-2\"\nAPI_KEYS=[\"AIza-3\"]\n"
      "ALLOWED_TOKENS=[\"sk-one\",\"sk-two\"]\nAUTH_TOKEN=let-me-in-here\n"
      "PROXY_URL=http://u:p@proxy:1\nMAX_FAILURES=3\nTIME_OUT=300\nPORT=8000\n"
      "THINKING_BUDGET_MAP={\"gemini-2.5-flash\": 4000}\nUPLOAD_PROVIDER=smms\nPAID_KEY=\n"
      "VERTEX_API_KEYS=[\"AQ.vertex\"]\nDATABASE_URL=file:./dev.db\nwhat is this\n");
  EXPECT_EQ(file.kind, DocumentKind::kEnvironmentFile);
  const Cargo& cargo = file.cargo;
  EXPECT_EQ(secrets_of(cargo), (Texts{"AIza-3", "AIza-1", "AIza-2", "AQ.vertex"}));
  EXPECT_EQ(cargo.credentials[0].state, store::CredentialState::kReady);
  EXPECT_EQ(cargo.credentials[3].provider, "vertex_express");
  EXPECT_EQ(cargo.credentials[3].state, store::CredentialState::kNeedsPerson);
  EXPECT_EQ(texts(cargo.plain_tokens), (Texts{"sk-one", "sk-two"}));
  EXPECT_TRUE(cargo.admin_password.equals("let-me-in-here"));
  EXPECT_TRUE(cargo.settings.at("upstream.proxy_url").secret);
  EXPECT_TRUE(cargo.settings.at("pool.max_failures").value.equals("3"));
  EXPECT_TRUE(cargo.settings.at("upstream.request_timeout").value.equals("300"));
  EXPECT_TRUE(cargo.settings.contains("models.thinking_budgets"));
  EXPECT_EQ(why(cargo, "UPLOAD_PROVIDER"), "means nothing to this Wasat");
  EXPECT_NE(why(cargo, "DATABASE_URL"), "");
  EXPECT_EQ(why(cargo, "line 15"), "is not NAME=value");
  EXPECT_EQ(cargo.remarks.size(), 3u);
}

TEST(ReadImport, WhatNoHeaderCanCarryIsSaidWithoutBeingShown) {
  const Cargo cargo =
      read("GEMINI_API_KEYS=[\"good\", \"sch\xc3\xb6n\"]\nALLOWED_TOKENS=*,a\xc3\xb6,sk-1\n").cargo;
  EXPECT_EQ(secrets_of(cargo), (Texts{"good"}));
  EXPECT_EQ(texts(cargo.plain_tokens), (Texts{"sk-1"}));
  ASSERT_EQ(cargo.remarks.size(), 3u);
  for (const Remark& remark : cargo.remarks) {
    EXPECT_EQ(remark.why.find("\xc3\xb6"), std::string::npos);
  }
}

TEST(ReadImport, DatabaseOfGeminiBalance) {
  const Cargo cargo =
      read(database_with(
               "CREATE TABLE t_settings (id INTEGER PRIMARY KEY, \"key\" VARCHAR(100) NOT NULL, "
               "value TEXT, description TEXT);"
               "CREATE TABLE t_file_records (id INTEGER PRIMARY KEY, name TEXT, api_key TEXT);"
               "INSERT INTO t_file_records (name) VALUES ('files/a');"
               "INSERT INTO t_settings (\"key\", value) VALUES "
               "('API_KEYS', '[\"AIza-1\", \"AIza-2\"]'), ('ALLOWED_TOKENS', '[\"sk-1\"]'),"
               "('AUTH_TOKEN', 'sk-admin-password'), ('PROXIES', '[]'), ('MAX_FAILURES', '5'),"
               "('SMMS_SECRET_TOKEN', 'hush'), ('TTS_SPEED', NULL);"))
          .cargo;
  EXPECT_EQ(secrets_of(cargo), (Texts{"AIza-1", "AIza-2"}));
  EXPECT_EQ(texts(cargo.plain_tokens), (Texts{"sk-1"}));
  EXPECT_TRUE(cargo.settings.at("pool.max_failures").value.equals("5"));
  EXPECT_NE(why(cargo, "SMMS_SECRET_TOKEN"), "");
  EXPECT_NE(why(cargo, "t_file_records").find("1 uploaded files"), std::string::npos);
}

TEST(ReadImport, DatabaseOfGeminiBalanceNext) {
  const Cargo cargo =
      read(database_with(
               "CREATE TABLE \"ApiKey\" (id INTEGER PRIMARY KEY, key TEXT, createdAt DATETIME, "
               "failCount INTEGER NOT NULL DEFAULT 0, enabled BOOLEAN NOT NULL DEFAULT true);"
               "CREATE TABLE \"Setting\" (key TEXT PRIMARY KEY, value TEXT);"
               "INSERT INTO ApiKey (key, enabled) VALUES ('AIza-1', 1), ('AIza-2', 0);"
               "INSERT INTO Setting VALUES ('ALLOWED_TOKENS', 'sk-1, sk-2'), "
               "('AUTH_TOKEN', '$2b$10$abcdefghijklmnopqrstuv');"))
          .cargo;
  EXPECT_EQ(secrets_of(cargo), (Texts{"AIza-1", "AIza-2"}));
  EXPECT_EQ(cargo.credentials[0].state, store::CredentialState::kReady);
  EXPECT_EQ(cargo.credentials[1].state, store::CredentialState::kDisabled);
  EXPECT_EQ(texts(cargo.plain_tokens), (Texts{"sk-1", "sk-2"}));
  EXPECT_TRUE(cargo.admin_password.empty());
  EXPECT_NE(why(cargo, "AUTH_TOKEN"), "");
}

TEST(ReadImport, DatabaseOfBusinessGeminiPool) {
  const Cargo cargo =
      read(database_with("CREATE TABLE accounts (id INTEGER PRIMARY KEY, team_id TEXT, "
                         "secure_c_ses TEXT, host_c_oses TEXT, csesidx TEXT, user_agent TEXT);"
                         "INSERT INTO accounts VALUES (1, 'team', 'CSE.x', '', '123', 'UA');"))
          .cargo;
  ASSERT_EQ(cargo.credentials.size(), 1u);
  EXPECT_EQ(cargo.credentials[0].provider, kEnterprise);
  EXPECT_EQ(cargo.credentials[0].name, "123 in team");
  EXPECT_NE(why(cargo, "api_keys"), "");
}

TEST(ReadImport, EnterpriseAccountsAreKeptWhole) {
  const std::string account =
      R"({"team_id": "t1", "secure_c_ses": "CSE.a", "host_c_oses": "", "csesidx": 42, "x": [1]})";
  const ReadDocument file = read(R"({"accounts": [)" + account +
                                 R"(, {"team_id": "t2"}], "proxy": "http://p:1",
                                    "proxy_enabled": true, "models": [{"id": "a"}]})");
  EXPECT_EQ(file.kind, DocumentKind::kEnterprise);
  ASSERT_EQ(file.cargo.credentials.size(), 1u);
  const store::Credential& credential = file.cargo.credentials[0];
  EXPECT_EQ(credential.provider, kEnterprise);
  EXPECT_EQ(credential.name, "42 in t1");
  EXPECT_EQ(credential.secret.reveal(), account);
  EXPECT_EQ(credential.state, store::CredentialState::kNeedsPerson);
  EXPECT_NE(credential.reason, "");
  EXPECT_NE(why(file.cargo, "account 2"), "");
  EXPECT_NE(why(file.cargo, "models"), "");
  EXPECT_TRUE(file.cargo.settings.contains("upstream.proxy_url"));
  EXPECT_TRUE(
      read(R"({"accounts": [)" + account + R"(], "proxy": "http://p:1", "proxy_enabled": false})")
          .cargo.settings.empty());
  EXPECT_EQ(read(account).cargo.credentials.size(), 1u);
  EXPECT_EQ(read("[" + account + "]").cargo.credentials.size(), 1u);
}

TEST(ReadImport, CodeAssistAccountsInAllForms) {
  for (const auto& [text, name] : std::vector<std::pair<std::string, std::string>>{
           {R"({"projectId":"p-1","credentials":{"access_token":"a","refresh_token":"r"}})", "p-1"},
           {R"({"token":{"refresh_token":"r"},"project_id":"a,b","email":"x@y.z","type":"gemini"})",
            "x@y.z in a,b"},
           {R"({"token":"t","refresh_token":"r","client_id":"c","project_id":"p"})", "p"},
           {R"({"access_token":"a","refresh_token":"r","expiry_date":5})", "imported 1"}}) {
    const ReadDocument file = read(text);
    EXPECT_EQ(file.kind, DocumentKind::kCodeAssist) << text;
    ASSERT_EQ(file.cargo.credentials.size(), 1u) << text;
    EXPECT_EQ(file.cargo.credentials[0].provider, kCodeAssist);
    EXPECT_EQ(file.cargo.credentials[0].name, name);
    EXPECT_EQ(file.cargo.credentials[0].secret.reveal(), text);
  }
}

TEST(ReadImport, OtherDocumentsAreRefusedWithWhatIsKnown) {
  for (const std::string& text :
       {std::string(), std::string(" \n"), std::string("{}"), std::string("[]"),
        std::string("{\"a\":1"), std::string("Dear reader"), std::string("HOME=/root\nSHELL=sh"),
        std::string("\x89PNG\r\n"), std::string(5, '\0'),
        database_with("CREATE TABLE other (a, b);")}) {
    EXPECT_NE(refusal(text).find("nown are"), std::string::npos) << text.substr(0, 20);
  }
  EXPECT_NE(refusal(database_with("CREATE TABLE x (a);").substr(0, 600)), "");
}

TEST(ReadImport, ExportsNeedTheirPassphrase) {
  Cargo cargo;
  cargo.aliases["a"] = "b";
  const auto text = write_export(cargo, Secret("correct horse battery"),
                                 {.made_by = "1", .made = {}, .stretching = {8, 1, 1}});
  ASSERT_TRUE(text);
  EXPECT_EQ(read("\n" + *text).kind, DocumentKind::kExport);
  EXPECT_EQ(read(*text).cargo.aliases, cargo.aliases);
  const auto without = read_document(*text, Secret(), TestSettings());
  ASSERT_FALSE(without);
  EXPECT_EQ(without.error().param, "passphrase");
}

}  // namespace
}  // namespace wasat::admin::transfer
