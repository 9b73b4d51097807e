#include "observe/line_log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <filesystem>
#include <map>
#include <sstream>

#include "base/temp_folder.h"

namespace wasat::observe {
namespace {

std::unique_ptr<LineLog> open_log(LineLog::Options options) {
  auto log = LineLog::open(std::move(options));
  if (!log) ADD_FAILURE() << log.error().detail;
  return log ? std::move(*log) : nullptr;
}

TEST(LineRing, KeepsLinesWholeAndInOrderAroundItsEnd) {
  LineRing ring(64);
  std::string in, out;
  for (int i = 0; i < 200; ++i) {
    const std::string line(static_cast<std::size_t>(i % 23), static_cast<char>('a' + i % 26));
    ASSERT_TRUE(ring.push(line));
    in += line + "\n";
    while (!ring.front().empty()) {
      const std::string_view part = ring.front();
      out += part;
      ring.consume(part.size());
    }
  }
  EXPECT_EQ(out, in);
}

TEST(LineRing, RefusesWhatDoesNotFitWhole) {
  LineRing ring(16);
  EXPECT_TRUE(ring.push("0123456789"));
  EXPECT_FALSE(ring.push("01234"));
  EXPECT_TRUE(ring.push("0123"));
  EXPECT_FALSE(ring.push(""));
  ring.consume(11);
  EXPECT_TRUE(ring.push("0123456789"));
}

TEST(LineLog, WritesEveryLineOfEveryLaneOnce) {
  const TempFolder temp;
  constexpr int kLines = 20000;
  auto log = open_log({.path = temp.file("log"), .lanes = 3, .lane_bytes = 4 << 20});
  std::vector<std::thread> workers;
  workers.reserve(3);
  for (std::size_t lane = 0; lane < 3; ++lane) {
    workers.emplace_back([&, lane] {
      for (int i = 0; i < kLines; ++i) {
        log->append(lane, std::to_string(lane) + " " + std::to_string(i));
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  log->stop();
  EXPECT_EQ(log->dropped(), 0u);

  std::map<int, int> next;
  std::istringstream lines(read_file(temp.file("log")));
  int lane = 0, number = 0, count = 0;
  while (lines >> lane >> number) {
    EXPECT_EQ(next[lane]++, number);
    ++count;
  }
  EXPECT_EQ(count, 3 * kLines);
}

TEST(LineLog, WakesForALineAfterASilence) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  auto log = LineLog::on_descriptor(ends[1], {.interval = std::chrono::milliseconds(1)});
  std::array<char, 64> bytes;
  for (int i = 0; i < 20; ++i) {
    while (!log->asleep()) std::this_thread::yield();
    log->append(0, "line " + std::to_string(i));
    pollfd written{.fd = ends[0], .events = POLLIN, .revents = 0};
    ASSERT_EQ(poll(&written, 1, 10'000), 1);
    const ssize_t n = read(ends[0], bytes.data(), bytes.size());
    ASSERT_EQ(std::string_view(bytes.data(), static_cast<std::size_t>(n)),
              "line " + std::to_string(i) + "\n");
  }
  log.reset();
  close(ends[0]);
  close(ends[1]);
}

TEST(LineLog, NeitherBlocksNorHangsWhenNobodyReads) {
  int ends[2];
  ASSERT_EQ(pipe(ends), 0);
  auto log = LineLog::on_descriptor(ends[1], {.lane_bytes = 16 << 10,
                                              .interval = std::chrono::milliseconds(1),
                                              .farewell = std::chrono::milliseconds(1)});
  const std::string line(1023, 'x');
  constexpr std::uint64_t kLines = 1000;  // more than the pipe and the lane take
  for (std::uint64_t i = 0; i < kLines; ++i) log->append(0, line);
  log->stop();
  const std::uint64_t dropped = log->dropped();
  EXPECT_GT(dropped, 0u);
  log.reset();
  close(ends[1]);
  std::uint64_t arrived = 0;
  std::array<char, 4096> bytes;
  for (ssize_t n = 0; (n = read(ends[0], bytes.data(), bytes.size())) > 0;) {
    arrived += static_cast<std::uint64_t>(std::count(bytes.data(), bytes.data() + n, '\n'));
  }
  close(ends[0]);
  EXPECT_GE(arrived + dropped, kLines);  // a part that was cut off counts as dropped
  EXPECT_GT(arrived, 0u);
}

TEST(LineLog, ReopensItsFileForRotation) {
  const TempFolder temp;
  const std::string path = temp.file("log");
  auto log = open_log({.path = path, .interval = std::chrono::milliseconds(1)});
  log->append(0, "before");
  while (read_file(path).empty()) std::this_thread::yield();
  std::filesystem::rename(path, path + ".1");
  log->reopen();
  while (!std::filesystem::exists(path)) std::this_thread::yield();
  log->append(0, "after");
  log->stop();
  EXPECT_EQ(read_file(path + ".1"), "before\n");
  EXPECT_EQ(read_file(path), "after\n");
}

TEST(LineLog, CountsWhatADiskRefuses) {
  const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
  ASSERT_GE(full, 0);
  auto log = LineLog::on_descriptor(full, {});
  log->append(0, "one");
  log->append(0, "two");
  log->stop();
  EXPECT_EQ(log->dropped(), 2u);
  EXPECT_NE(log->problem().find("check its disk"), std::string::npos) << log->problem();
  log.reset();
  close(full);
}

TEST(LineLog, ThatIsOffTakesNothing) {
  auto log = open_log({.path = "off"});
  EXPECT_FALSE(log->enabled());
  log->append(7, "nowhere");
  log->stop();
  EXPECT_EQ(log->dropped(), 0u);
}

TEST(LineLog, APathThatCannotBeOpenedSaysWhatToDo) {
  const TempFolder temp;
  const auto log = LineLog::open({.path = temp.file("no/log")});
  ASSERT_FALSE(log.has_value());
  EXPECT_NE(log.error().detail.find("WASAT_ACCESS_LOG"), std::string::npos);
}

}  // namespace
}  // namespace wasat::observe
