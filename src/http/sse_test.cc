#include "http/sse.h"

#include <gtest/gtest.h>

namespace wasat::http {
namespace {

struct Read {
  std::vector<std::string> data;
  std::string wire;
  bool operator==(const Read&) const = default;
};

Read read(const std::string& stream, std::size_t piece) {
  Read result;
  SseReader reader(1 << 20);
  const auto collect = [&result](const std::vector<SseEvent>& events) {
    for (const SseEvent& event : events) {
      result.wire += event.wire;
      if (event.data.size() > 0) result.data.emplace_back(event.data.view());
    }
  };
  for (std::size_t at = 0; at < stream.size(); at += piece) {
    const auto part = Buffer::copy_of(std::string_view(stream).substr(at, piece));
    std::vector<SseEvent> events;
    reader.feed(part->view(), events);
    collect(events);
  }
  std::vector<SseEvent> events;
  reader.finish(events);
  collect(events);
  return result;
}

TEST(SseReader, GivesTheSameEventsHoweverTheStreamIsSplit) {
  const std::string stream =
      "data: {\"a\":1}\r\n\r\ndata: two\n\n: comment\n\nevent: x\ndata:three\ndata: lines\r\n\r\n"
      "data: cr\r\r{\"error\":{}}\n\ndata: unfinished";
  const Read whole = read(stream, stream.size());
  EXPECT_EQ(whole.data, (std::vector<std::string>{"{\"a\":1}", "two", "three\nlines", "cr",
                                                  "{\"error\":{}}", "unfinished"}));
  EXPECT_EQ(whole.wire, stream);
  for (std::size_t piece = 1; piece < stream.size(); ++piece)
    EXPECT_EQ(read(stream, piece), whole) << piece;
}

TEST(SseReader, BoundsATornEvent) {
  SseReader reader(100);
  std::vector<SseEvent> events;
  const auto part = Buffer::copy_of("data: " + std::string(90, 'x'));
  reader.feed(part->view(), events);
  EXPECT_FALSE(reader.overflowed());
  reader.feed(part->view(), events);
  EXPECT_TRUE(reader.overflowed());
  EXPECT_TRUE(events.empty());
}

}  // namespace
}  // namespace wasat::http
