#include "gateway/record.h"

#include <gtest/gtest.h>

#include "json/reader.h"

namespace wasat::gateway {
namespace {

TEST(LogLine, IsOneJsonObjectWhateverTheClientSent) {
  Record record;
  record.id = "abc";
  record.client = "127.0.0.1";
  record.path = "/v1beta/models/\"x\\";
  record.method = "generateContent";
  record.model = "bad\nmodel\xff";
  record.upstream_model = record.model;
  record.status = 429;
  record.outcome = "rate_limited";
  record.error = std::string(2000, 'e');
  record.tally.usage = {.prompt = 3, .thoughts = 4};
  std::string line;
  append_log_line(line, record, std::chrono::system_clock::time_point(std::chrono::seconds(1)),
                  record.started + std::chrono::microseconds(1500));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  const auto buffer = Buffer::copy_of(line);
  json::Document document;
  const auto root = document.parse(buffer->padded());
  ASSERT_TRUE(root) << line;
  EXPECT_EQ((*root)["time"].string(), "1970-01-01T00:00:01.000Z");
  EXPECT_EQ((*root)["path"].string(), record.path);
  EXPECT_EQ((*root)["status"].integer(), 429);
  EXPECT_EQ((*root)["prompt_tokens"].integer(), 3);
  EXPECT_EQ((*root)["thought_tokens"].integer(), 4);
  EXPECT_EQ((*root)["duration_us"].integer(), 1500);
  EXPECT_LT((*root)["error"].string()->size(), 600u);
  EXPECT_FALSE((*root)["credential"]);
}

}  // namespace
}  // namespace wasat::gateway
