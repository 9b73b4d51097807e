#include "admin/transfer/export_document.h"

#include <gtest/gtest.h>

#include "admin/transfer/cargo_json.h"
#include "base/base64.h"

namespace wasat::admin::transfer {
namespace {

// Hard guesses take long; these need not.
constexpr account::Stretching kQuick{.kibibytes = 8, .passes = 1, .lanes = 1};
const Secret kPassphrase("correct horse battery");

Cargo full_cargo() {
  Cargo cargo;
  cargo.credentials.push_back({.id = "c1",
                               .provider = "api_key",
                               .name = "w\"erk",
                               .secret = Secret("AIza-secret-one"),
                               .state = store::CredentialState::kNeedsPerson,
                               .reason = "billing",
                               .created = store::Time(std::chrono::milliseconds(5)),
                               .updated = store::Time(std::chrono::milliseconds(6)),
                               .tier = -2,
                               .weight = 7,
                               .most_leases = 3,
                               .proxy = Secret("http://u:p@h:1"),
                               .note = "line\nbreak \xe4\xbd\xa0"});
  cargo.credentials.push_back(
      {.id = "c2", .provider = "enterprise", .name = "", .secret = Secret("{\"team_id\": \"x\"}")});
  Digest hash{};
  hash[0] = 9;
  hash[31] = 255;
  cargo.tokens.push_back({.id = "t1",
                          .name = "laptop",
                          .kind = "client",
                          .hash = hash,
                          .prefix = "wst-Ab...",
                          .allow = "files",
                          .disabled = true,
                          .created = store::Time(std::chrono::milliseconds(7)),
                          .expires = store::Time(std::chrono::milliseconds(8)),
                          .limits = R"({"requests_per_minute":5})"});
  cargo.token_keys.emplace_back(std::string(32, '\x81'));
  cargo.settings["pool.max_failures"] = {.value = Secret("3")};
  cargo.settings["upstream.proxy_url"] = {.value = Secret("http://a:b@c:2"), .secret = true};
  cargo.aliases["gpt-4o"] = "gemini-2.5-flash";
  cargo.aliases["claude-*"] = "gemini-2.5-pro";
  return cargo;
}

std::string exported(const Cargo& cargo) {
  const Result<std::string> text =
      write_export(cargo, kPassphrase, {.made_by = "1.2.3", .made = {}, .stretching = kQuick});
  EXPECT_TRUE(text) << text.error().detail;
  return text.value_or("");
}

Result<Cargo> imported(std::string_view text, const Secret& passphrase = kPassphrase) {
  const auto buffer = Buffer::copy_of(text);
  return read_export(buffer->padded(), passphrase);
}

std::string replaced(std::string text, std::string_view old_one, std::string_view new_one) {
  const std::size_t at = text.find(old_one);
  EXPECT_NE(at, std::string::npos) << old_one;
  return text.replace(at, old_one.size(), new_one);
}

TEST(Export, GivesBackWhatWasWritten) {
  const Cargo cargo = full_cargo();
  const Result<Cargo> read = imported(exported(cargo));
  ASSERT_TRUE(read) << read.error().detail;
  // The JSON holds every member, so equal texts are equal cargoes.
  EXPECT_EQ(cargo_to_json(*read), cargo_to_json(cargo));
  ASSERT_EQ(read->credentials.size(), 2u);
  EXPECT_TRUE(read->credentials[0].secret.equals("AIza-secret-one"));
  EXPECT_EQ(read->credentials[0].tier, -2);
  EXPECT_EQ(read->credentials[1].tier, std::nullopt);
  EXPECT_EQ(read->tokens[0].hash[31], 255);
  EXPECT_TRUE(read->token_keys[0].equals(std::string(32, '\x81')));
  EXPECT_TRUE(read->settings.at("upstream.proxy_url").secret);
}

TEST(Export, OfNothingIsRead) {
  const Result<Cargo> read = imported(exported({}));
  ASSERT_TRUE(read);
  EXPECT_EQ(cargo_to_json(*read), cargo_to_json({}));
}

TEST(Export, ShowsNothingOfItsContent) {
  const std::string text = exported(full_cargo());
  for (const char* inside : {"AIza", "laptop", "gpt-4o", "max_failures", "billing", "u:p@h"}) {
    EXPECT_EQ(text.find(inside), std::string::npos) << inside;
  }
  EXPECT_NE(text.find(R"("holds":{"credentials":2,"tokens":1,"settings":2,"aliases":2})"),
            std::string::npos)
      << text.substr(0, 300);
  EXPECT_TRUE(is_export(text));
  EXPECT_NE(exported(full_cargo()), text) << "each has a salt of its own";
}

TEST(Export, WrongPassphraseIsSaid) {
  const Result<Cargo> read = imported(exported(full_cargo()), Secret("correct horse batterx"));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().kind, ErrorKind::kInvalidRequest);
  EXPECT_EQ(read.error().param, "passphrase");
  EXPECT_NE(read.error().detail.find("not the one"), std::string::npos);
  EXPECT_EQ(imported(exported({}), Secret("short")).error().param, "passphrase");
  EXPECT_EQ(write_export({}, Secret("1234567"), {.stretching = kQuick}).error().param,
            "passphrase");
}

TEST(Export, OfANewerWasatSaysSo) {
  const std::string newer =
      replaced(exported(full_cargo()), R"("wasat_export":1,)", R"("wasat_export":7,)");
  const Result<Cargo> read = imported(newer);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().detail.find("newer Wasat 1.2.3, in format 7; this one reads up to 1"),
            std::string::npos)
      << read.error().detail;
  // All else may be different there.
  EXPECT_NE(imported(R"({"wasat_export": 2})").error().detail.find("newer"), std::string::npos);
  EXPECT_FALSE(imported(replaced(exported({}), R"("wasat_export":1,)", R"("wasat_export":0,)")));
}

TEST(Export, CutShortAnywhereIsRefused) {
  const std::string text = exported(full_cargo());
  for (std::size_t size = 0; size < text.size(); size += 7) {
    EXPECT_FALSE(imported(text.substr(0, size))) << size;
  }
}

TEST(Export, ChangedAnywhereIsRefused) {
  const std::string text = exported(full_cargo());
  const std::string content = cargo_to_json(full_cargo());
  for (std::size_t at = 0; at < text.size(); at += 5) {
    std::string changed = text;
    changed[at] = changed[at] == 'A' ? 'B' : 'A';
    const Result<Cargo> read = imported(changed);
    // Two letters of base64 may stand for the same bits at an end: then nothing was changed.
    if (read) EXPECT_EQ(cargo_to_json(*read), content) << at;
  }
  const std::string more = replaced(text, R"("credentials":2)", R"("credentials":3)");
  EXPECT_FALSE(imported(more)) << "the head is bound to the content";
}

TEST(Export, HostileHeadsCostNothing) {
  const std::string text = exported({});
  for (const auto& [old_one, new_one] : std::vector<std::pair<const char*, const char*>>{
           {R"("kibibytes":8)", R"("kibibytes":4294967295)"},
           {R"("kibibytes":8)", R"("kibibytes":99999999999999999999)"},
           {R"("kibibytes":8)", R"("kibibytes":-8)"},
           {R"("passes":1)", R"("passes":4000000000)"},
           {R"("lanes":1)", R"("lanes":0)"},
           {R"("kind":"argon2id")", R"("kind":"none")"},
           {R"("salt":")", R"("salt":"?)"},
           {R"("proof":")", R"("proof":5,"p":")"}}) {
    EXPECT_FALSE(imported(replaced(text, old_one, new_one))) << new_one;
  }
  for (const char* other : {"", "{}", "[]", "null", "wasat_export", R"({"wasat_export":"1"})",
                            R"({"wasat_export":1})", "\x00\xff"}) {
    EXPECT_FALSE(imported(other)) << other;
  }
}

TEST(CargoJson, SaysWhatIsWrong) {
  const auto problem = [](std::string_view text) {
    const auto buffer = Buffer::copy_of(text);
    const Result<Cargo> read = cargo_from_json(buffer->padded());
    return read ? std::string() : read.error().detail;
  };
  EXPECT_EQ(problem("{}"), "");
  EXPECT_EQ(problem(R"({"of a newer one": 1})"), "");
  EXPECT_NE(problem("[]"), "");
  for (const auto& [text, what] : std::vector<std::pair<const char*, const char*>>{
           {R"({"credentials":{}})", "credentials"},
           {R"({"credentials":[5]})", "credentials.id"},
           {R"({"credentials":[{"id":"","provider":"a","name":"b","secret":"","state":"ready"}]})",
            "credentials"},
           {R"({"credentials":[{"id":"","provider":"a","name":"b","secret":"c","state":"odd"}]})",
            "credentials.state"},
           {R"({"credentials":[{"id":"","provider":"a","name":"b","secret":"c","state":"ready",)"
            R"("weight":-1}]})",
            "credentials.weight"},
           {R"({"tokens":[{"id":"a","name":"","kind":"","prefix":"","hash":"AAAA"}]})",
            "tokens.hash"},
           {R"({"token_keys":["AAAA"]})", "token_keys"},
           {R"({"settings":[{"key":"a","value":5}]})", "settings"},
           {R"({"aliases":{"a":5}})", "aliases"}}) {
    EXPECT_NE(problem(text).find(std::string(what) + " is not"), std::string::npos)
        << text << ": " << problem(text);
  }
}

}  // namespace
}  // namespace wasat::admin::transfer
