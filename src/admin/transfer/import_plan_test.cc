#include "admin/transfer/import_plan.h"

#include <gtest/gtest.h>

#include "admin/transfer/transfer_test_settings.h"

namespace wasat::admin::transfer {
namespace {

constexpr store::Time kNow{std::chrono::seconds(1000)};

const store::Keys& keys() {
  static const store::Keys made(Secret("0123456789abcdef0123456789abcdef"));
  return made;
}

store::Credential credential(std::string id, std::string_view secret, std::string name = "one") {
  return {.id = std::move(id),
          .provider = "api_key",
          .name = std::move(name),
          .secret = Secret(secret)};
}

store::Token token(std::string id, std::string_view text, std::string name = "laptop") {
  return {.id = std::move(id),
          .name = std::move(name),
          .kind = "client",
          .hash = keys().tokens(text),
          .prefix = "wst-..."};
}

ImportPlan plan(const Cargo& cargo, const store::Contents& here, Mode mode = Mode::kMerge,
                bool admin_password = false) {
  int number = 0;
  const TestSettings settings;
  return plan_import(cargo, here, keys(), settings,
                     {.mode = mode, .admin_password = admin_password, .now = kNow, .new_id = [&] {
                        return "new-" + std::to_string(++number);
                      }});
}

// All changes of one type.
template <class T>
std::vector<T> of(const ImportPlan& plan) {
  std::vector<T> found;
  for (const store::Change& change : plan.changes) {
    if (const T* each = std::get_if<T>(&change)) found.push_back(*each);
  }
  return found;
}

TEST(ImportPlan, AddsToAnEmptyStore) {
  Cargo cargo;
  cargo.credentials = {credential("c1", "key-1"), credential("", "key-2")};
  cargo.tokens = {token("t1", "text")};
  cargo.token_keys = {Secret(std::string(32, 'k'))};
  cargo.settings["pool.max_failures"] = {.value = Secret("3")};
  cargo.settings["upstream.proxy_url"] = {.value = Secret("http://p:1")};
  cargo.aliases["a"] = "b";
  const ImportPlan made = plan(cargo, {});
  const auto puts = of<store::PutCredential>(made);
  ASSERT_EQ(puts.size(), 2u);
  EXPECT_EQ(puts[0].credential.id, "c1");
  EXPECT_EQ(puts[1].credential.id, "new-1");
  EXPECT_EQ(of<store::PutToken>(made).size(), 1u);
  EXPECT_EQ(of<store::PutTokenKey>(made).size(), 1u);
  const auto settings = of<store::PutSetting>(made);
  ASSERT_EQ(settings.size(), 2u);
  EXPECT_FALSE(settings[0].seal);
  EXPECT_TRUE(settings[1].seal) << "the table says that it is a secret";
  EXPECT_EQ(made.report.count(Kind::kCredential, Outcome::kAdded), 2);
  EXPECT_EQ(made.report.count(Kind::kAlias, Outcome::kAdded), 1);
}

// What an export of here brings back changes nothing.
TEST(ImportPlan, OfWhatIsHereDoesNothing) {
  Cargo cargo;
  cargo.credentials = {credential("c1", "key-1")};
  cargo.tokens = {token("t1", "text")};
  cargo.token_keys = {keys().token_key};
  cargo.settings["pool.max_failures"] = {.value = Secret("3")};
  cargo.aliases["a"] = "b";
  store::Contents here;
  here.credentials = cargo.credentials;
  here.tokens = cargo.tokens;
  here.settings.emplace("pool.max_failures", Secret("3"));
  here.model_aliases["a"] = "b";
  for (const Mode mode : {Mode::kMerge, Mode::kReplace}) {
    const ImportPlan made = plan(cargo, here, mode);
    EXPECT_TRUE(made.changes.empty());
    EXPECT_EQ(made.report.count(Kind::kCredential, Outcome::kSkipped), 1);
    EXPECT_EQ(made.report.count(Kind::kToken, Outcome::kSkipped), 1);
    EXPECT_EQ(made.report.count(Kind::kSetting, Outcome::kSkipped), 1);
    EXPECT_EQ(made.report.count(Kind::kAlias, Outcome::kSkipped), 1);
  }
}

TEST(ImportPlan, TheSecretSaysWhichCredentialItIs) {
  store::Contents here;
  here.credentials = {credential("mine", "key-1", "mine")};
  Cargo cargo;
  cargo.credentials = {credential("theirs", "key-1", "theirs")};
  const auto puts = of<store::PutCredential>(plan(cargo, here));
  ASSERT_EQ(puts.size(), 1u);
  EXPECT_EQ(puts[0].credential.id, "mine") << "what is known of it goes by this id";
  EXPECT_EQ(puts[0].credential.name, "theirs");
  cargo.credentials[0].id.clear();  // a bare key says nothing about the rest
  EXPECT_TRUE(plan(cargo, here).changes.empty());
}

TEST(ImportPlan, AnIdThatIsTakenBySomethingElseIsNotUsed) {
  store::Contents here;
  here.credentials = {credential("a", "key-1"), credential("b", "key-2")};
  Cargo cargo;
  cargo.credentials = {credential("b", "key-1"), credential("a", "key-3")};
  const ImportPlan made = plan(cargo, here);
  // "b" of there is "a" of here, by its secret; "a" of there is new.
  const auto puts = of<store::PutCredential>(made);
  ASSERT_EQ(puts.size(), 1u);
  EXPECT_EQ(puts[0].credential.id, "new-1");
  EXPECT_TRUE(puts[0].credential.secret.equals("key-3"));
}

TEST(ImportPlan, LeavesTheEnvironmentsCredentialsAlone) {
  store::Contents here;
  here.credentials = {credential("env-1", "key-1")};
  here.credentials[0].from_environment = true;
  Cargo cargo;
  cargo.credentials = {credential("x", "key-1")};
  EXPECT_TRUE(plan(cargo, here).changes.empty());
  EXPECT_TRUE(plan({}, here, Mode::kReplace).changes.empty());
}

TEST(ImportPlan, DuplicatesInTheDocumentCountOnce) {
  Cargo cargo;
  cargo.credentials = {credential("x", "key-1"), credential("y", "key-1"),
                       credential("x", "key-2")};
  cargo.plain_tokens = {Secret("plain-token-one"), Secret("plain-token-one")};
  const ImportPlan made = plan(cargo, {});
  const auto puts = of<store::PutCredential>(made);
  ASSERT_EQ(puts.size(), 2u);
  EXPECT_NE(puts[0].credential.id, puts[1].credential.id);
  EXPECT_EQ(made.report.count(Kind::kCredential, Outcome::kSkipped), 1);
  EXPECT_EQ(of<store::PutToken>(made).size(), 1u);
}

TEST(ImportPlan, ReplaceRemovesWhatTheDocumentLacks) {
  store::Contents here;
  here.credentials = {credential("a", "key-1"), credential("b", "key-2")};
  here.tokens = {token("t1", "one"), token("t2", "two")};
  here.settings.emplace("pool.max_failures", Secret("3"));
  here.settings.emplace("access.admin_password", Secret("stays here"));
  here.settings.emplace("listen.port", Secret("1"));
  here.model_aliases["a"] = "b";
  Cargo cargo;
  cargo.credentials = {credential("a", "key-1"), credential("c", "key-3")};
  cargo.tokens = {token("t2", "two")};
  const ImportPlan made = plan(cargo, here, Mode::kReplace);
  ASSERT_EQ(of<store::RemoveCredential>(made).size(), 1u);
  EXPECT_EQ(of<store::RemoveCredential>(made)[0].id, "b");
  EXPECT_TRUE(std::holds_alternative<store::RemoveCredential>(made.changes[0]));
  ASSERT_EQ(of<store::RemoveToken>(made).size(), 1u);
  EXPECT_EQ(of<store::RemoveToken>(made)[0].id, "t1");
  ASSERT_EQ(of<store::RemoveSetting>(made).size(), 1u);
  EXPECT_EQ(of<store::RemoveSetting>(made)[0].key, "pool.max_failures");
  EXPECT_EQ(of<store::RemoveModelAlias>(made).size(), 1u);
  EXPECT_TRUE(of<store::RemoveCredential>(plan(cargo, here)).empty()) << "merging removes nothing";
}

TEST(ImportPlan, SettingsThatCannotBeTakenAreSaid) {
  Cargo cargo;
  cargo.settings["pool.max_failures"] = {.value = Secret("many")};
  cargo.settings["listen.port"] = {.value = Secret("9")};
  cargo.settings["of.a_newer_one"] = {.value = Secret("9")};
  cargo.remarks.push_back({.what = "UPLOAD_PROVIDER", .why = "means nothing here"});
  const ImportPlan made = plan(cargo, {});
  EXPECT_TRUE(made.changes.empty());
  EXPECT_EQ(made.report.count(Kind::kSetting, Outcome::kNotTaken), 3);
  EXPECT_EQ(made.report.count(Kind::kOther, Outcome::kNotTaken), 1);
  for (const ReportLine& line : made.report.lines) EXPECT_FALSE(line.why.empty()) << line.what;
}

TEST(ImportPlan, TheAdminPasswordIsTakenWhenAskedFor) {
  Cargo cargo;
  cargo.admin_password = Secret("a password of there");
  EXPECT_TRUE(plan(cargo, {}).changes.empty());
  EXPECT_EQ(of<store::SetAdminPassword>(plan(cargo, {}, Mode::kMerge, true)).size(), 1u);
  cargo.admin_password = Secret("short");
  EXPECT_TRUE(plan(cargo, {}, Mode::kMerge, true).changes.empty());
}

TEST(ImportPlan, PlainTokensAreHashedHereAndFoundAgain) {
  Cargo cargo;
  cargo.plain_tokens = {Secret("sk-0123456789abcdef")};
  const auto puts = of<store::PutToken>(plan(cargo, {}));
  ASSERT_EQ(puts.size(), 1u);
  EXPECT_EQ(puts[0].token.hash, keys().tokens("sk-0123456789abcdef"));
  store::Contents here;
  here.tokens = {puts[0].token};
  EXPECT_TRUE(plan(cargo, here).changes.empty());
}

TEST(ImportPlan, ReportsHaveABound) {
  Report report;
  for (int i = 0; i < 5000; ++i) report.add(Kind::kToken, Outcome::kAdded, "x");
  EXPECT_EQ(report.count(Kind::kToken, Outcome::kAdded), 5000);
  EXPECT_EQ(report.lines.size(), Report::kMostLines);
}

}  // namespace
}  // namespace wasat::admin::transfer
