#include <gtest/gtest.h>

#include <chrono>
#include <string>

#include "dialect/anthropic/dialect.h"
#include "dialect/anthropic/event_grammar_test.h"
#include "dialect/case_test_json.h"

namespace wasat::dialect::anthropic {
namespace {

using dialect::test::difference;
using dialect::test::Match;

Result<std::unique_ptr<Parsed>> parse(const Dialect& dialect, const std::string& body,
                                      std::string_view path = "/messages") {
  return dialect.parse(
      {.http_method = "POST", .path = path, .query = {}, .body = Buffer::copy_of(body)});
}

std::string header(const ErrorReply& reply, std::string_view name) {
  for (const auto& [key, value] : reply.headers) {
    if (key == name) return value;
  }
  return "";
}

std::string message_of(const Error& error) {
  const std::string body = make_anthropic()->error(error).body;
  const auto buffer = Buffer::copy_of(body);
  json::Document document;
  const auto root = document.parse(buffer->padded());
  return root ? std::string((*root)["error"]["message"].string_or("")) : body;
}

TEST(AnthropicErrors, HaveTheirTypeAndStatus) {
  struct Row {
    ErrorKind kind;
    int status;
    std::string type;
  };
  using enum ErrorKind;
  for (const Row& row :
       {Row{kInvalidRequest, 400, "invalid_request_error"},
        Row{kUnauthenticated, 401, "authentication_error"},
        Row{kPermissionDenied, 403, "permission_error"}, Row{kNotFound, 404, "not_found_error"},
        Row{kModelNotFound, 404, "not_found_error"}, Row{kTooLarge, 413, "request_too_large"},
        Row{kRateLimited, 429, "rate_limit_error"}, Row{kQuotaExhausted, 429, "rate_limit_error"},
        Row{kInternal, 500, "api_error"}, Row{kUpstreamFailed, 502, "api_error"},
        Row{kTimeout, 504, "timeout_error"}, Row{kUnavailable, 529, "overloaded_error"},
        Row{kEmptyAnswer, 529, "overloaded_error"}, Row{kNoCredential, 529, "overloaded_error"}}) {
    const ErrorReply reply =
        make_anthropic()->error_in({.kind = row.kind, .detail = "Why."}, "abc");
    EXPECT_EQ(reply.status, row.status);
    EXPECT_EQ(difference(R"({"type":"error","error":{"type":")" + row.type +
                             R"(","message":"Why."},"request_id":"abc"})",
                         reply.body, Match::kEqual),
              "");
  }
}

TEST(AnthropicErrors, TellWhenToTryAgain) {
  using namespace std::chrono_literals;
  const auto dialect = make_anthropic();
  const ErrorReply limited =
      dialect->error({.kind = ErrorKind::kRateLimited, .detail = "x", .retry_after = 1500ms});
  EXPECT_EQ(header(limited, "retry-after"), "2");
  EXPECT_EQ(header(limited, "retry-after-ms"), "1500");
  EXPECT_EQ(header(limited, "x-should-retry"), "");
  const ErrorReply exhausted =
      dialect->error({.kind = ErrorKind::kQuotaExhausted, .detail = "x", .retry_after = 0ms});
  EXPECT_EQ(header(exhausted, "retry-after"), "1");
  EXPECT_EQ(header(exhausted, "x-should-retry"), "false");
}

// Claude Code compacts when it reads "prompt is too long: N tokens > M maximum".
TEST(AnthropicErrors, ContextOverflowTriggersCompaction_P60) {
  const auto too_long = [](std::string detail) {
    return message_of(client_error(ErrorKind::kContextTooLong, std::move(detail)));
  };
  EXPECT_EQ(too_long("The input token count (1200000) exceeds the maximum number of tokens allowed "
                     "(1048576)."),
            "prompt is too long: 1200000 tokens > 1048576 maximum");
  EXPECT_EQ(too_long("The input token count exceeds the maximum number of tokens allowed 1048576."),
            "prompt is too long: 1048577 tokens > 1048576 maximum");
  EXPECT_EQ(too_long("Input too long."), "prompt is too long: Input too long.");
  EXPECT_EQ(too_long("Over 99999999999999999999999 by 7."),
            "prompt is too long: 8 tokens > 7 maximum");
}

TEST(AnthropicErrors, NameTheFieldOnce) {
  EXPECT_EQ(message_of(client_error(ErrorKind::kInvalidRequest, "It is empty.", "a.b")),
            "a.b: It is empty.");
  EXPECT_EQ(message_of(client_error(ErrorKind::kInvalidRequest, "a.b: Field required", "a.b")),
            "a.b: Field required");
  EXPECT_EQ(message_of({.kind = ErrorKind::kTimeout}), "timeout");
}

// Descriptions of 40,000 characters are passed on whole, and the bytes are the client's own.
TEST(AnthropicRequest, LongDescriptionsArePassedOn_P61) {
  const std::string description(40000, 'd');
  const auto dialect = make_anthropic();
  const auto parsed = parse(*dialect, R"({"model":"gemini-2.5-flash","max_tokens":1,)"
                                      R"("messages":[{"role":"user","content":"Hi"}],)"
                                      R"("tools":[{"name":"f","description":")" +
                                          description + R"(","input_schema":{}}]})");
  ASSERT_TRUE(parsed);
  const auto call = (*parsed)->lower({.name = "gemini-2.5-flash", .derived = {}}, {});
  ASSERT_TRUE(call);
  EXPECT_NE(call->body.flatten().find(description), std::string::npos);
  bool spliced = false;
  for (const std::string_view piece : call->body.pieces()) spliced |= piece == description;
  EXPECT_TRUE(spliced);
}

// Images are views into the client's bytes.
TEST(AnthropicRequest, ImagesAreNotCopied) {
  const std::string data(1 << 20, 'A');
  const auto body = Buffer::copy_of(
      R"({"model":"gemini-2.5-flash","messages":[{"role":"user","content":[{"type":"image",)"
      R"("source":{"type":"base64","media_type":"image/png","data":")" +
      data + R"("}}]}]})");
  const auto dialect = make_anthropic();
  auto parsed =
      dialect->parse({.http_method = "POST", .path = "/messages", .query = {}, .body = body});
  ASSERT_TRUE(parsed);
  auto call = (*parsed)->lower({.name = "gemini-2.5-flash", .derived = {}}, {});
  ASSERT_TRUE(call);
  parsed->reset();  // the body keeps what it points into
  bool viewed = false;
  for (const std::string_view piece : call->body.pieces()) {
    viewed |= piece.size() == data.size() && piece.data() > body->data() &&
              piece.data() < body->data() + body->size();
  }
  EXPECT_TRUE(viewed);
}

TEST(AnthropicRequest, FilesAreBoundToTheirCredential) {
  const auto dialect = make_anthropic();
  const auto parsed = parse(
      *dialect,
      R"({"model":"gemini-2.5-flash","messages":[{"role":"user","content":[{"type":"document",)"
      R"("source":{"type":"file","file_id":"file-abc"}}]}]})");
  ASSERT_TRUE(parsed);
  const auto call = (*parsed)->lower({.name = "gemini-2.5-flash", .derived = {}}, {});
  ASSERT_TRUE(call);
  EXPECT_EQ(call->resources, std::vector<std::string>{"files/abc"});
}

TEST(AnthropicRequest, ListOfModelsIsAskedForWhole) {
  const auto dialect = make_anthropic();
  const auto parsed = dialect->parse(
      {.http_method = "GET", .path = "/models", .query = "limit=3", .body = Buffer::copy_of("")});
  ASSERT_TRUE(parsed);
  const auto call = (*parsed)->lower({.name = "", .derived = {}}, {});
  ASSERT_TRUE(call);
  EXPECT_EQ(call->method, gemini::Method::kListModels);
  EXPECT_EQ(call->query, "pageSize=1000");
}

// The checker that other tests rely on sees what is wrong.
TEST(AnthropicEventChecker, SeesWhatIsWrong) {
  const std::string start =
      "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_1\","
      "\"type\":\"message\",\"role\":\"assistant\",\"model\":\"m\",\"content\":[],"
      "\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":0,"
      "\"output_tokens\":0,\"cache_read_input_tokens\":0}}}\n\n";
  const auto event = [](const std::string& type, const std::string& rest) {
    return "event: " + type + "\ndata: {\"type\":\"" + type + "\"" + rest + "}\n\n";
  };
  const std::string text =
      event("content_block_start", R"(,"index":0,"content_block":{"type":"text","text":""})");
  const std::string thinking =
      event("content_block_start",
            R"(,"index":0,"content_block":{"type":"thinking","thinking":"","signature":""})");
  const std::string stop = event("content_block_stop", R"(,"index":0)");
  const auto problem = [](const std::string& stream) {
    return test::EventChecker().check(stream, false);
  };
  EXPECT_EQ(problem(start + text + stop), "");
  EXPECT_NE(problem(text), "");
  EXPECT_NE(problem(start + text + text), "");
  EXPECT_NE(problem(start + stop), "");
  EXPECT_NE(problem(start + thinking + stop), "");
  EXPECT_NE(problem(start + start), "");
  EXPECT_NE(problem(start + ": comment\n\n"), "");
  EXPECT_NE(problem(start + event("message_stop", "")), "");
  EXPECT_NE(problem(start + event("surprise", "")), "");
  EXPECT_NE(test::EventChecker().check(start, true), "");
}

}  // namespace
}  // namespace wasat::dialect::anthropic
