// What .case files cannot say: whose bytes a call is made of, who outlives whom.

#include "dialect/openai_chat/chat.h"

#include <gtest/gtest.h>

#include <set>

#include "dialect/conversation/given_call.h"
#include "dialect/conversation/markdown_image.h"
#include "dialect/openai_errors.h"
#include "json/reader.h"

namespace wasat::dialect::openai_chat {
namespace {

std::unique_ptr<Parsed> parse(const Dialect& dialect, std::shared_ptr<const Buffer> body) {
  auto parsed =
      dialect.parse({.http_method = "POST", .path = "/chat/completions", .body = std::move(body)});
  EXPECT_TRUE(parsed) << (parsed ? "" : parsed.error().detail);
  return parsed ? std::move(*parsed) : nullptr;
}

std::string with_message(const std::string& content) {
  return R"({"model":"gemini-2.5-flash","messages":[{"role":"user","content":)" + content + "}]}";
}

TEST(Chat, LargePartsAreNotCopied) {
  const auto dialect = make_openai_chat();
  const std::string base64(1u << 20, 'A');
  const std::string text(8192, 't');
  const auto body = Buffer::copy_of(with_message(
      R"([{"type":"text","text":")" + text +
      R"("},{"type":"image_url","image_url":{"url":"data:image/png;base64,)" + base64 + R"("}}])"));
  const auto inside = [&body](std::string_view piece) {
    return piece.data() >= body->data() && piece.data() < body->data() + body->size();
  };
  const gemini::Call call = parse(*dialect, body)->lower({.name = "gemini-2.5-flash"}, {}).value();
  std::size_t shared = 0;
  for (const std::string_view piece : call.body.pieces())
    shared += inside(piece) ? piece.size() : 0;
  EXPECT_EQ(shared, base64.size() + text.size());
  EXPECT_LT(call.body.size() - shared, 2000u);
}

TEST(Chat, ABodyOutlivesItsRequest) {
  const auto dialect = make_openai_chat();
  const std::string dirty = std::string(5000, 'A') + "\\n" + std::string(5000, 'B');
  gemini::Call call;
  {
    const auto parsed = parse(
        *dialect, Buffer::copy_of(with_message(
                      R"([{"type":"image_url","image_url":{"url":"data:image/png;base64,)" + dirty +
                      R"("}},{"type":"text","text":")" + std::string(5000, 'c') + R"("}])")));
    call = parsed->lower({.name = "gemini-2.5-flash"}, {}).value();
  }
  const std::string text = call.body.flatten();
  EXPECT_NE(text.find(std::string(5000, 'A') + std::string(5000, 'B')), text.npos);
  EXPECT_NE(text.find(std::string(5000, 'c')), text.npos);
}

TEST(Chat, IsLoweredAgainForAnotherModel) {
  const auto dialect = make_openai_chat();
  const auto parsed = parse(*dialect, Buffer::copy_of(with_message("\"Hi\"")));
  const std::string first = parsed->lower({.name = "gemini-2.5-flash"}, {}).value().body.flatten();
  EXPECT_NE(parsed->lower({.name = "gemini-2.0-flash"}, {}).value().body.flatten(), first);
  EXPECT_EQ(parsed->lower({.name = "gemini-2.5-flash"}, {}).value().body.flatten(), first);
}

TEST(Chat, TooManyCallsInARowAreRefused) {
  const auto dialect = make_openai_chat();
  std::string calls;
  for (int i = 0; i < 1000; ++i) {
    calls += R"({"id":"x","type":"function","function":{"name":"f","arguments":"{}"}},)";
  }
  calls.pop_back();
  const auto parsed = dialect->parse(
      {.http_method = "POST",
       .path = "/chat/completions",
       .body = Buffer::copy_of(R"({"model":"m","messages":[{"role":"assistant","tool_calls":[)" +
                               calls + "]}]}")});
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().kind, ErrorKind::kInvalidRequest);
}

// Each of these would take hours if every candidate were followed to its end.
TEST(Chat, LooksForImagesInLinearTime) {
  std::string text;
  for (int i = 0; i < 200'000; ++i) text += "![](data:image ";
  EXPECT_FALSE(find_markdown_image(text + ")"));
  EXPECT_FALSE(find_markdown_image(text));
  text.clear();
  for (int i = 0; i < 200'000; ++i) text += "](data:image/png,";
  EXPECT_FALSE(find_markdown_image(text + ")"));
}

TEST(Chat, DerivedIdsDiffer) {
  std::set<std::string> ids;
  for (const char* seed : {"A1b2C3d4E5f6G7h8I9j0K1l2", "A1b2C3d4E5f6G7h8I9j0K1l3", ""}) {
    for (std::uint64_t n = 0; n < 1000; ++n) ids.insert(derived_id(seed, n));
  }
  EXPECT_EQ(ids.size(), 3000u);
  for (const std::string& id : ids) EXPECT_EQ(id.size(), 24u);
}

std::string header(const ErrorReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "";
}

TEST(ChatErrors, SayWhenToTryAgain) {
  Error error = upstream_error(ErrorKind::kRateLimited, Retry::kNever, "All keys are resting.");
  error.retry_after = std::chrono::milliseconds(1500);
  const ErrorReply reply = openai::error_reply(error);
  EXPECT_EQ(reply.status, 429);
  EXPECT_EQ(header(reply, "retry-after"), "2");
  EXPECT_EQ(header(reply, "retry-after-ms"), "1500");
  EXPECT_EQ(header(reply, "x-should-retry"), "");
  EXPECT_EQ(reply.body,
            R"({"error":{"message":"All keys are resting. Please try again in 2s.",)"
            R"("type":"rate_limit_exceeded","param":null,"code":"rate_limit_exceeded"}})");
}

TEST(ChatErrors, WhatIsExhaustedForLongIsNotTriedAgain) {
  const ErrorReply reply = openai::error_reply(
      upstream_error(ErrorKind::kQuotaExhausted, Retry::kNever, "Come back tomorrow."));
  EXPECT_EQ(header(reply, "x-should-retry"), "false");
}

TEST(ChatErrors, EveryKindHasItsForm) {
  for (int kind = 0; kind <= static_cast<int>(ErrorKind::kTimeout); ++kind) {
    const ErrorReply reply = openai::error_reply({.kind = static_cast<ErrorKind>(kind)});
    const auto buffer = Buffer::copy_of(reply.body);
    json::Document document;
    const json::Value error = document.parse(buffer->padded()).value()["error"];
    EXPECT_FALSE(error["message"].string_or("").empty());
    EXPECT_FALSE(error["type"].string_or("").empty());
    EXPECT_GE(reply.status, 400);
  }
}

}  // namespace
}  // namespace wasat::dialect::openai_chat
