#include "app/settings.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <cstdlib>
#include <set>

#include "app/settings_table.h"
#include "app/text.h"
#include "base/source_folder_test.h"
#include "base/temp_folder.h"

namespace wasat::app {
namespace {

using testing::HasSubstr;
using testing::Not;

using Environment = std::map<std::string, std::string>;

Loaded from_environment(Environment environment) {
  return load_settings({.environment = std::move(environment)});
}

class File {
 public:
  explicit File(std::string_view text) {
    write_file(path(), text);
    chmod(path().c_str(), 0600);
  }
  std::string path() const { return folder_.file("wasat.toml"); }
  Loaded load() const { return load_settings({.file = path()}); }

 private:
  TempFolder folder_;
};

TEST(Settings, HaveDefaults) {
  const Loaded loaded = load_settings({});
  EXPECT_EQ(describe(loaded.problems), "");
  const Settings& s = loaded.settings;
  EXPECT_EQ(s.host, "127.0.0.1");
  EXPECT_EQ(s.port, 8080);
  EXPECT_GE(s.workers, 1);
  EXPECT_EQ(s.gemini_base_url, "https://generativelanguage.googleapis.com");
  EXPECT_EQ(s.request_timeout, std::chrono::seconds(240));
  EXPECT_EQ(s.stream_idle_timeout, std::chrono::seconds(240));
  EXPECT_EQ(s.drain_timeout, std::chrono::seconds(300));
  EXPECT_EQ(s.max_attempts, 8);
  EXPECT_EQ(s.max_body_bytes, 256 << 20);
  EXPECT_EQ(s.cors_origins, std::vector<std::string>{"*"});
  EXPECT_EQ(s.key_file, "data/master.key");
  EXPECT_TRUE(s.tokens.empty());
  EXPECT_TRUE(s.gemini_api_keys.empty());
}

TEST(Settings, TheStrongestSourceCounts) {
  const File file(
      "[listen]\nport = 1\nhost = \"file\"\n[log]\nlevel = \"debug\"\nformat = \"json\"\n");
  Sources sources{.flags = {{"listen.port", "3"}},
                  .environment = {{"PORT", "2"}, {"HOST", "environment"}},
                  .stored = {{"listen.host", Secret("stored")}, {"log.level", Secret("warn")}},
                  .file = file.path()};
  const Loaded loaded = load_settings(sources);
  EXPECT_EQ(describe(loaded.problems), "");
  EXPECT_EQ(loaded.settings.port, 3);
  EXPECT_EQ(loaded.settings.host, "environment");
  EXPECT_EQ(loaded.settings.log_level, "warn");
  EXPECT_EQ(loaded.settings.log_format, "json");
  EXPECT_EQ(loaded.origins.at("listen.port"), Origin::kFlag);
  EXPECT_EQ(loaded.origins.at("listen.host"), Origin::kEnvironment);
  EXPECT_EQ(loaded.origins.at("log.level"), Origin::kStore);
  EXPECT_EQ(loaded.origins.at("log.format"), Origin::kFile);
  EXPECT_EQ(loaded.origins.at("server.workers"), Origin::kDefault);
  EXPECT_TRUE(loaded.is_fixed("listen.host"));
  EXPECT_FALSE(loaded.is_fixed("log.level"));
}

TEST(Settings, EveryPromisedNameWorks) {
  const Loaded loaded = from_environment({{"SERVER_PORT", "9"},
                                          {"WASAT_WORKERS", "3"},
                                          {"WASAT_DATA_DIR", "/d/"},
                                          {"GOOGLE_API_HOST", "localhost"},
                                          {"ADMIN_SECRET_KEY", "a long password"},
                                          {"https_proxy", "http://p:1"},
                                          {"NO_PROXY", "a,b"},
                                          {"REQUEST_TIMEOUT", "45"},
                                          {"MAX_RETRIES", "0"},
                                          {"MAX_FAILURES", "3"},
                                          {"COOLING_PERIOD", "300"},
                                          {"TRUSTED_PROXIES", "10.0.0.0/8,::1"},
                                          {"LOG_LEVEL", "WARNING"},
                                          {"API_KEY_ENCRYPTION_KEY", std::string(32, 'k')},
                                          {"WASAT_MODEL_ALIASES", "gpt-4o=gemini-2.5-flash"}});
  EXPECT_EQ(describe(loaded.problems), "");
  const Settings& s = loaded.settings;
  EXPECT_EQ(s.port, 9);
  EXPECT_EQ(s.workers, 3);
  EXPECT_EQ(s.data_dir, "/d");
  EXPECT_EQ(s.key_file, "/d/master.key");
  EXPECT_EQ(s.gemini_base_url, "https://localhost");
  EXPECT_TRUE(s.admin_password.equals("a long password"));
  EXPECT_TRUE(s.proxy_url.equals("http://p:1"));
  EXPECT_EQ(s.no_proxy, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(s.request_timeout, std::chrono::seconds(45));
  EXPECT_EQ(s.max_attempts, 1);  // no retry is one attempt
  EXPECT_EQ(s.max_failures, 3);
  EXPECT_EQ(s.cooling_period, std::chrono::minutes(5));
  EXPECT_EQ(s.trusted_proxies.size(), 2u);
  EXPECT_EQ(s.log_level, "warn");
  EXPECT_EQ(s.model_aliases.at("gpt-4o"), "gemini-2.5-flash");
}

TEST(Settings, PricesKeepWhatStandsBehindTheirSemicolons) {
  const std::map<std::string, std::string> expected = {{"gemini-x", "1/2/3;long=2/4;audio=1"},
                                                       {"veo-*", "0/0;second=0.4"}};
  const Loaded loaded =
      from_environment({{"MODEL_PRICES", "veo-*=0/0;second=0.4, gemini-x=1/2/3;long=2/4;audio=1"}});
  EXPECT_EQ(describe(loaded.problems), "");
  EXPECT_EQ(loaded.settings.prices, expected);
  const Loaded of_file = File(
                             "[models.prices]\n\"veo-*\" = \"0/0;second=0.4\"\n"
                             "gemini-x = \"1/2/3;long=2/4;audio=1\"\n")
                             .load();
  EXPECT_EQ(describe(of_file.problems), "");
  EXPECT_EQ(of_file.settings.prices, expected);
}

TEST(Settings, TheFirstNameOfTwoCounts) {
  EXPECT_EQ(from_environment({{"PORT", "1"}, {"SERVER_PORT", "2"}}).settings.port, 1);
  EXPECT_EQ(from_environment({{"PORT", " "}, {"SERVER_PORT", "2"}}).settings.port, 2);
}

TEST(Settings, TheProxyForHttpsIsNotForAPlainUpstream) {
  const auto proxy = [](const char* name, const char* upstream) {
    const Loaded loaded = from_environment({{name, "http://p:1"}, {"GEMINI_BASE_URL", upstream}});
    return std::string(loaded.settings.proxy_url.reveal());
  };
  EXPECT_EQ(proxy("HTTPS_PROXY", "https://gemini.example"), "http://p:1");
  EXPECT_EQ(proxy("HTTPS_PROXY", "http://127.0.0.1:9000"), "");
  EXPECT_EQ(proxy("https_proxy", "http://127.0.0.1:9000"), "");
  EXPECT_EQ(proxy("PROXY_URL", "http://127.0.0.1:9000"), "http://p:1");
}

TEST(Settings, KeysAndTokensOfAllSourcesAreAdded) {
  const std::string a = "AIzaSy" + std::string(33, 'a');
  const std::string b = "AIzaSy" + std::string(33, 'b');
  const File file("[gemini]\napi_keys = [\"" + a +
                  "\"]\n[access]\ntokens = \"0123456789abcdef\"\n");
  const Loaded loaded = load_settings(
      {.environment = {{"GEMINI_API_KEYS", "\"" + b + "\",\n'" + a + "' "}}, .file = file.path()});
  EXPECT_TRUE(loaded.ok());
  ASSERT_EQ(loaded.settings.gemini_api_keys.size(), 2u);
  EXPECT_TRUE(loaded.settings.gemini_api_keys[0].equals(b));
  EXPECT_EQ(loaded.settings.tokens.size(), 1u);
  EXPECT_THAT(describe(loaded.problems), HasSubstr("1 given twice"));
}

TEST(Settings, AnOddKeyIsUsedWithAWarningThatDoesNotShowIt) {
  const Loaded loaded =
      from_environment({{"GEMINI_API_KEYS", "sk-proj-0123456789/abcdefghijklmnop"}});
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.settings.gemini_api_keys.size(), 1u);
  EXPECT_THAT(describe(loaded.problems), HasSubstr("does not look like a key"));
  EXPECT_THAT(describe(loaded.problems), Not(HasSubstr("0123456789")));
}

TEST(Settings, AKeyThatNoHeaderCanCarryIsRefused) {
  const Loaded loaded = from_environment({{"GEMINI_API_KEYS", "AIzaSy密钥"}});
  EXPECT_FALSE(loaded.ok());
  EXPECT_TRUE(loaded.settings.gemini_api_keys.empty());
}

TEST(Settings, ATokenForEverybodyIsRefused) {
  const Loaded loaded = from_environment({{"ALLOWED_TOKENS", "0123456789abcdef,*"}});
  EXPECT_FALSE(loaded.ok());
  EXPECT_THAT(describe(loaded.problems), HasSubstr("let everybody in"));
}

// Each of these is refused, naming its place and what to do, and showing no secret.
TEST(Settings, EveryErrorHasARemedy) {
  const std::vector<std::pair<std::string, std::string>> wrong = {
      {"PORT", "99999"},
      {"PORT", "http"},
      {"WASAT_WORKERS", "-1"},
      {"REQUEST_TIMEOUT", "soon"},
      {"REQUEST_TIMEOUT", "0"},
      {"WASAT_MAX_BODY", "big"},
      {"LOG_LEVEL", "loud"},
      {"WASAT_TOKENS_ALLOW_RAW", "maybe"},
      {"TRUSTED_PROXIES", "10.0.0.0/99"},
      {"GEMINI_BASE_URL", "ftp://x"},
      {"PROXY_URL", "socks4://me:hunter2hunter2@x:1"},
      {"AUTH_TOKEN", "hunter2"},
      {"API_KEY_ENCRYPTION_KEY", "hunter2hunter2"},
      {"WASAT_MODEL_ALIASES", "gpt-4o"},
      {"ALLOWED_TOKENS", "*"},
      {"DATABASE_URL", "postgres://me:hunter2@x/y"},
      {"WASAT_DATA_DIR", "a\nb"},
  };
  for (const auto& [name, value] : wrong) {
    const Loaded loaded = from_environment({{name, value}});
    EXPECT_FALSE(loaded.ok()) << name << "=" << value;
    ASSERT_EQ(loaded.problems.size(), 1u) << describe(loaded.problems);
    EXPECT_EQ(loaded.problems[0].where, "environment variable " + name);
    EXPECT_FALSE(loaded.problems[0].remedy.empty()) << name;
    EXPECT_THAT(describe(loaded.problems), Not(HasSubstr("hunter2")));
  }
}

TEST(Settings, AFilesErrorsComeWithLineAndColumn) {
  const File file("[listen]\nport = \"many\"\n\n[log]\nlevel = 'loud'\n");
  const Loaded loaded = file.load();
  ASSERT_EQ(loaded.problems.size(), 2u);
  EXPECT_EQ(loaded.problems[0].where, file.path() + ":2:8");
  EXPECT_EQ(loaded.problems[1].where, file.path() + ":5:9");
}

TEST(Settings, AFileThatIsNoTomlIsRefusedWithItsPlace) {
  const File file("[listen]\nport = 1\nport = 2\n");
  const Loaded loaded = file.load();
  ASSERT_EQ(loaded.problems.size(), 1u);
  EXPECT_THAT(loaded.problems[0].where, HasSubstr("wasat.toml:3:"));
  EXPECT_FALSE(loaded.ok());
  EXPECT_FALSE(File("[listen\nport").load().ok());
}

TEST(Settings, AMissingFileIsRefused) {
  const Loaded loaded = load_settings({.file = "/nowhere/wasat.toml"});
  EXPECT_FALSE(loaded.ok());
  EXPECT_THAT(describe(loaded.problems), HasSubstr("No such file"));
}

TEST(Settings, AnUnknownNameIsRefusedWithWhatWasMeant) {
  const auto remedy = [](std::string_view text) {
    const Loaded loaded = File(text).load();
    EXPECT_FALSE(loaded.ok()) << text;
    return loaded.problems.empty() ? "" : loaded.problems[0].remedy;
  };
  EXPECT_EQ(remedy("[listen]\nprot = 1"), "did you mean listen.port?");
  EXPECT_EQ(remedy("[sever]\nmax_body = 1"), "did you mean server.max_body?");
  EXPECT_EQ(remedy("port = 1"), "did you mean listen.port?");
  EXPECT_EQ(remedy("GEMINI_API_KEYS = 'k'"), "did you mean gemini.api_keys?");
  EXPECT_THAT(remedy("[entirely]\ndifferent = 1"), HasSubstr("docs/configuration.md"));
  const Loaded flag = load_settings({.flags = {{"listen.prot", "1"}}});
  EXPECT_FALSE(flag.ok());
  const Loaded loaded = from_environment({{"WASAT_WORKER", "1"}, {"WASAT_SERVICE_HOST", "x"}});
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(describe(loaded.problems),
            "warning: environment variable WASAT_WORKER: is unknown and does nothing\n"
            "  To mend it: did you mean WASAT_WORKERS?\n");
}

TEST(Settings, AFileTakesEveryTypeOfValue) {
  const File file(
      "[listen]\nport = 1\n[access]\ntokens_allow = [\"files\", "
      "\"Other\"]\n[upstream]\nrequest_timeout = 1.5\n"
      "no_proxy = [\"a\", \"b\"]\n[models.aliases]\n\"gpt-4o\" = \"gemini-2.5-flash\"\n");
  const Loaded loaded = file.load();
  EXPECT_EQ(describe(loaded.problems), "");
  EXPECT_EQ(loaded.settings.tokens_allow, (std::vector<std::string>{"files", "other"}));
  EXPECT_EQ(loaded.settings.request_timeout, std::chrono::milliseconds(1500));
  EXPECT_EQ(loaded.settings.no_proxy.size(), 2u);
  EXPECT_EQ(loaded.settings.model_aliases.size(), 1u);
  EXPECT_FALSE(File("[listen]\nport = 2020-01-01\n").load().ok());
  EXPECT_FALSE(File("[listen]\nport = [[1]]\n").load().ok());
  EXPECT_FALSE(File("[models.aliases]\na = 1\n").load().ok());
}

TEST(Settings, AFileWithSecretsThatOthersCanReadIsWarnedOf) {
  const File file("[access]\nadmin_password = \"a long password\"\n");
  EXPECT_EQ(describe(file.load().problems), "");
  chmod(file.path().c_str(), 0644);
  EXPECT_TRUE(file.load().ok());
  EXPECT_THAT(describe(file.load().problems), HasSubstr("chmod 600"));
}

TEST(Settings, AStoredValueThatIsNoLongerValidOnlyWarns) {
  const Loaded loaded = load_settings({.stored = {{"log.level", Secret("loud")}}});
  EXPECT_TRUE(loaded.ok());
  EXPECT_EQ(loaded.settings.log_level, "info");
  EXPECT_EQ(loaded.origins.at("log.level"), Origin::kDefault);
  EXPECT_EQ(loaded.problems.size(), 1u);
}

TEST(Settings, ChangesThatAreNotLiveNeedARestart) {
  const Settings before = from_environment({}).settings;
  const Settings after = from_environment({{"PORT", "1"},
                                           {"LOG_LEVEL", "debug"},
                                           {"PROXY_URL", "p:1"},
                                           {"WASAT_LOG_FORMAT", "json"},
                                           {"ALLOWED_TOKENS", "0123456789abcdef"}})
                             .settings;
  EXPECT_EQ(changes_that_need_restart(before, after),
            (std::vector<std::string>{"listen.port", "log.format"}));
  EXPECT_TRUE(changes_that_need_restart(after, after).empty());
}

TEST(SettingsTable, IsConsistent) {
  std::set<std::string_view> keys, names;
  for (const SettingRow& row : settings_table()) {
    EXPECT_TRUE(keys.insert(row.key).second) << row.key;
    EXPECT_EQ(std::count(row.key.begin(), row.key.end(), '.'), 1) << row.key;
    for (const std::string_view name : split_list(row.environment)) {
      EXPECT_TRUE(names.insert(name).second) << name;
    }
    EXPECT_FALSE(row.environment.empty()) << row.key;
    EXPECT_TRUE(row.english.ends_with('.') || row.english.ends_with("apikey")) << row.key;
    EXPECT_FALSE(row.chinese.empty()) << row.key;
    EXPECT_EQ(row.english.find('|'), std::string_view::npos) << row.key;
  }
}

// The example says what the table says: with the "#" taken away from its lines it
// is valid, names every setting and gives the defaults.
TEST(ExampleFile, SaysTheDefaults) {
  const std::string text = read_file(test::source_folder() / "packaging/wasat.example.toml");
  EXPECT_EQ(describe(File(text).load().problems), "");
  std::string all;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool line_start = i == 0 || text[i - 1] == '\n';
    const bool shown = line_start && text[i] == '#' && i + 1 < text.size() && text[i + 1] != ' ' &&
                       text[i + 1] != '\n';
    if (!shown) all.push_back(text[i]);
  }
  const Loaded example = File(all).load();
  EXPECT_EQ(describe(example.problems), "");
  const Loaded defaults = load_settings({});
  for (const SettingRow& row : settings_table()) {
    EXPECT_EQ(example.origins.at(std::string(row.key)), Origin::kFile) << row.key;
    if (row.key != "models.aliases" && row.key != "models.thinking_budgets" &&
        row.key != "models.prices") {
      EXPECT_TRUE(same_value(row, example.settings, defaults.settings)) << row.key;
    }
  }
}

TEST(Settings, HoursOfOtherGatewaysAreHours) {
  Sources sources;
  sources.environment = {{"CHECK_INTERVAL_HOURS", " 2 "}};
  EXPECT_EQ(load_settings(sources).settings.health_interval, std::chrono::hours(2));
  sources.environment["CHECK_INTERVAL_HOURS"] = "0";
  EXPECT_EQ(load_settings(sources).settings.health_interval, std::chrono::hours(0));
  sources.environment["CHECK_INTERVAL_HOURS"] = "90s";
  EXPECT_EQ(load_settings(sources).settings.health_interval, std::chrono::seconds(90));
  sources.environment["HEALTH_CHECK_INTERVAL"] = "60";
  EXPECT_EQ(load_settings(sources).settings.health_interval, std::chrono::seconds(60));
}

// After a change of the table, run this test with WASAT_UPDATE_DOCS=1.
TEST(SettingsTable, DocsAreUpToDate) {
  const std::pair<std::string, Language> pages[] = {
      {test::source_folder() / "docs/configuration.md", Language::kEnglish},
      {test::source_folder() / "docs/configuration.zh-CN.md", Language::kChinese}};
  for (const auto& [path, language] : pages) {
    const std::string text = settings_markdown(language);
    if (std::getenv("WASAT_UPDATE_DOCS") != nullptr) write_file(path, text);
    EXPECT_EQ(read_file(path), text)
        << path << " is not what the table says: run unit_tests with WASAT_UPDATE_DOCS=1";
  }
}

}  // namespace
}  // namespace wasat::app
