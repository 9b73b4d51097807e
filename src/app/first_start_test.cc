#include "app/first_start.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "account/admin_password.h"
#include "account/token_table.h"
#include "base/temp_folder.h"
#include "store/data_folder.h"
#include "store/sqlite/sqlite_store.h"

namespace wasat::app {
namespace {

using testing::HasSubstr;
using testing::Not;

class FirstStartTest : public testing::Test {
 protected:
  FirstStartTest() : keys_(Secret("0123456789abcdef0123456789abcdef")) {
    settings_.data_dir = temp_.path();
    auto opened =
        store::SqliteStore::open({.path = store::database_path(temp_.path())}, keys_, clock_);
    if (!opened) throw std::runtime_error(opened.error().detail);
    store_ = std::move(*opened);
  }
  FirstStart start(bool on_terminal) {
    auto contents = store_->load_all();
    auto made = first_start(settings_, *contents, *store_, keys_, clock_, on_terminal);
    if (!made) ADD_FAILURE() << made.error().detail;
    return made ? std::move(*made) : FirstStart{};
  }
  std::string file() { return temp_.file("first-start.txt"); }
  // What `made` promises holds for what was stored.
  void expect_works(const FirstStart& made) {
    const auto contents = store_->load_all();
    ASSERT_TRUE(contents.has_value());
    const account::TokenTable tokens(contents->tokens, {}, account::Allowed::none(), keys_.tokens);
    EXPECT_NE(tokens.find(made.client_token.reveal()), nullptr);
    EXPECT_TRUE(
        account::verify_password(contents->admin_password_hash, made.admin_password.reveal()));
  }

  TempFolder temp_;
  ManualClock clock_;
  store::Keys keys_;
  Settings settings_;
  std::unique_ptr<store::SqliteStore> store_;
};

TEST_F(FirstStartTest, ShowsWhatItMadeOnceOnTheTerminal) {
  const FirstStart made = start(true);
  EXPECT_TRUE(made.made_something);
  EXPECT_THAT(std::string(made.message.reveal()),
              HasSubstr("client token    " + std::string(made.client_token.reveal())));
  EXPECT_THAT(std::string(made.message.reveal()),
              HasSubstr("admin password  " + std::string(made.admin_password.reveal())));
  EXPECT_FALSE(std::filesystem::exists(file()));
  expect_works(made);
  const FirstStart again = start(true);
  EXPECT_FALSE(again.made_something);
  EXPECT_TRUE(again.message.empty());
}

TEST_F(FirstStartTest, WithoutATerminalWritesAFileAndPrintsItsPath) {
  write_file(file(), "of an earlier start that was cut short");
  const FirstStart made = start(false);
  const std::string message(made.message.reveal());
  EXPECT_THAT(message, HasSubstr(file()));
  EXPECT_THAT(message, Not(HasSubstr(std::string(made.client_token.reveal()))));
  EXPECT_THAT(message, Not(HasSubstr(std::string(made.admin_password.reveal()))));
  EXPECT_EQ(mode_of(file()), 0600u);
  EXPECT_THAT(read_file(file()), HasSubstr(std::string(made.client_token.reveal())));
  EXPECT_THAT(read_file(file()), Not(HasSubstr("cut short")));
  expect_works(made);
}

TEST_F(FirstStartTest, MakesOnlyWhatIsMissing) {
  settings_.admin_password = Secret("given from outside");
  const FirstStart made = start(true);
  EXPECT_TRUE(made.admin_password.empty());
  EXPECT_FALSE(made.client_token.empty());
  EXPECT_TRUE(store_->load_all()->admin_password_hash.empty());
}

TEST_F(FirstStartTest, MakesNothingWhenTheEnvironmentHasAll) {
  settings_.admin_password = Secret("given from outside");
  settings_.tokens = {Secret("given from outside too")};
  EXPECT_FALSE(start(false).made_something);
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST_F(FirstStartTest, LeavesNoFileBehindWhenTheStoreFails) {
  auto contents = store_->load_all();
  store_->stop();
  EXPECT_FALSE(first_start(settings_, *contents, *store_, keys_, clock_, false).has_value());
  EXPECT_FALSE(std::filesystem::exists(file()));
}

TEST(NoCredential, SaysWhatToDo) {
  store::Contents contents;
  const Settings settings;
  EXPECT_THAT(no_credential_hint(settings, contents), HasSubstr("GEMINI_API_KEYS="));
  contents.credentials.emplace_back();
  EXPECT_EQ(no_credential_hint(settings, contents), "");
}

TEST(NoCredential, IsNoTroubleWhereNodesAreExpected) {
  store::Contents contents;
  Settings settings;
  EXPECT_FALSE(expects_nodes(settings, contents.tokens));
  contents.tokens.push_back({.id = "1", .kind = "client"});
  contents.tokens.push_back({.id = "2", .kind = "relay", .disabled = true});
  EXPECT_FALSE(expects_nodes(settings, contents.tokens));
  contents.tokens[1].disabled = false;
  EXPECT_TRUE(expects_nodes(settings, contents.tokens));
  EXPECT_EQ(no_credential_hint(settings, contents), "");
  settings.relay_enabled = false;
  EXPECT_FALSE(expects_nodes(settings, contents.tokens));
  settings.relay_enabled = settings.relay_open = true;
  EXPECT_TRUE(expects_nodes(settings, {}));
}

}  // namespace
}  // namespace wasat::app
