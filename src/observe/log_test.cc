#include "observe/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "base/secret.h"
#include "base/temp_folder.h"

namespace wasat::observe {
namespace {

static_assert(!std::is_constructible_v<Field, std::string_view, Secret>);

// What `use` logs.
template <class Use>
std::string logged(Level level, Log::Format format, Use use) {
  const TempFolder temp;
  const int file = open(temp.file("log").c_str(), O_WRONLY | O_CREAT, 0600);
  {
    Log log(level, format, file);
    use(log);
  }
  close(file);
  return read_file(temp.file("log"));
}

// The line behind its time.
std::string_view after_time(std::string_view line) { return line.substr(24); }

TEST(Log, WritesTextForPeople) {
  const std::string text = logged(Level::kInfo, Log::Format::kText, [](Log& log) {
    log.warn("the store is away", {{"path", "/var/lib/wasat"}, {"why", "disk full"}, {"tries", 3}});
  });
  EXPECT_EQ(after_time(text),
            " warn  the store is away path=/var/lib/wasat why=\"disk full\" tries=3\n");
  EXPECT_EQ(text[10], 'T');
  EXPECT_EQ(text[23], 'Z');
}

TEST(Log, WritesJsonForMachines) {
  const std::string text = logged(Level::kInfo, Log::Format::kJson, [](Log& log) {
    log.error("say \"hi\"", {{"why", "a\nb"}, {"tries", 3}});
  });
  EXPECT_TRUE(text.starts_with(R"({"time":"20)")) << text;
  EXPECT_TRUE(text.ends_with(
      "\",\"level\":\"error\",\"message\":\"say \\\"hi\\\"\",\"why\":\"a\\u000ab\",\"tries\":3}\n"))
      << text;
}

TEST(Log, AMessageCannotForgeALine) {
  const std::string text = logged(Level::kInfo, Log::Format::kText,
                                  [](Log& log) { log.info("a\nb\x1b[2J", {{"c", "d\re"}}); });
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
  EXPECT_EQ(text.find('\x1b'), std::string::npos);
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
  const std::string text = logged(Level::kWarn, Log::Format::kText, [](Log& log) {
    log.info("one");
    log.set_level(Level::kDebug);
    log.debug("two");
    log.set_level(Level::kOff);
    log.error("three");
    EXPECT_FALSE(log.writes(Level::kError));
  });
  EXPECT_EQ(after_time(text), " debug two\n");
}

TEST(Log, LevelsHaveNames) {
  for (const Level level :
       {Level::kTrace, Level::kDebug, Level::kInfo, Level::kWarn, Level::kError, Level::kOff}) {
    EXPECT_EQ(level_of(level_name(level)), level);
  }
  EXPECT_EQ(level_of("loud"), Level::kInfo);
}

}  // namespace
}  // namespace wasat::observe
