#include "app/check.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/temp_folder.h"

namespace wasat::app {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(Check, SaysWhereEachValueComesFromAndShowsNoSecret) {
  const TempFolder temp;
  const CheckReport report =
      check({.environment = {{"WASAT_DATA_DIR", temp.file("data")},
                             {"GEMINI_API_KEYS", "AIzaSy0123456789abcdefghijklmnopqrstuvw"},
                             {"AUTH_TOKEN", "correct horse battery"},
                             {"PORT", "9000"}}});
  EXPECT_EQ(report.exit_code, 0) << report.text;
  EXPECT_THAT(report.text, HasSubstr("The configuration is valid."));
  EXPECT_THAT(report.text, HasSubstr("listen.port (environment)"));
  EXPECT_THAT(report.text, HasSubstr("127.0.0.1:9000"));
  EXPECT_THAT(report.text, Not(HasSubstr("0123456789")));
  EXPECT_THAT(report.text, Not(HasSubstr("horse")));
  EXPECT_FALSE(std::filesystem::exists(temp.file("data")));  // it changes nothing
}

TEST(Check, FailsWithPlaceAndRemedy) {
  const TempFolder temp;
  write_file(temp.file("wasat.toml"), "[listen]\nport = 99999\n");
  const CheckReport report = check({.file = temp.file("wasat.toml")});
  EXPECT_EQ(report.exit_code, 1);
  EXPECT_THAT(report.text, HasSubstr("wasat.toml:2:8: listen.port: 99999 is out of bounds"));
  EXPECT_THAT(report.text, HasSubstr("use a whole number, from 0 to 65535"));
}

TEST(Check, LooksAtTheFilesToo) {
  const TempFolder temp;
  Sources sources{.environment = {{"WASAT_DATA_DIR", temp.path()}}};
  write_file(temp.file("master.key"), std::string(64, 'k'));
  chmod(temp.file("master.key").c_str(), 0644);
  EXPECT_THAT(check(sources).text, HasSubstr("chmod 600"));
  std::filesystem::remove(temp.file("master.key"));
  EXPECT_EQ(check(sources).exit_code, 0);
  write_file(temp.file("wasat.db"), "x");
  EXPECT_THAT(check(sources).text, HasSubstr("restore the key file"));
  std::filesystem::remove(temp.file("wasat.db"));
  sources.environment["WASAT_ACCESS_LOG"] = temp.file("no/log");
  EXPECT_THAT(check(sources).text, HasSubstr("make its folder"));
  EXPECT_EQ(check(sources).exit_code, 1);
}

}  // namespace
}  // namespace wasat::app
