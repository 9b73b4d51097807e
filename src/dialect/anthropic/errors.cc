#include "dialect/anthropic/errors.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <vector>

#include "json/writer.h"

namespace wasat::dialect::anthropic {
namespace {

constexpr std::string_view kOverloaded = "overloaded_error";
constexpr int kOverloadedStatus = 529;  // platform.claude.com/docs/en/api/errors

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The numbers in a text, in order.
std::vector<std::int64_t> numbers_in(std::string_view text) {
  std::vector<std::int64_t> numbers;
  for (std::size_t at = 0; at < text.size();) {
    if (!is_digit(text[at])) {
      ++at;
      continue;
    }
    std::int64_t number = 0;
    const char* end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data() + at, end, number);
    if (problem == std::errc()) numbers.push_back(number);
    at = static_cast<std::size_t>(rest - text.data());
  }
  return numbers;
}

// Claude Code compacts its conversation when it reads this, and nothing else.
// Google: "The input token count (N) exceeds the maximum number of tokens allowed (M)."
std::string too_long(const std::string& detail) {
  const std::vector<std::int64_t> numbers = numbers_in(detail);
  if (numbers.empty()) return "prompt is too long: " + detail;
  const std::int64_t most = numbers.back();
  const std::int64_t count = numbers.size() > 1 ? numbers.front() : most + 1;
  return "prompt is too long: " + std::to_string(count) + " tokens > " + std::to_string(most) +
         " maximum";
}

// Anthropic's errors have no member for the field that is wrong: the text names it.
std::string message_of(const Error& error) {
  if (error.kind == ErrorKind::kContextTooLong) return too_long(error.detail);
  if (error.detail.empty()) return std::string(error_code(error.kind).name);
  const bool named = error.param.empty() || error.detail.find(error.param) != std::string::npos;
  return named ? error.detail : error.param + ": " + error.detail;
}

}  // namespace

void append_error(std::string& out, const Error& error, std::string_view id) {
  json::Writer writer(out);
  writer.begin_object().member("type", "error");
  writer.key("error").begin_object();
  writer.member("type", error_code(error.kind).anthropic_type);
  writer.member("message", message_of(error));
  if (error.param == kLostThread) {
    writer.key("details").begin_object().member("error_code", "thread_not_found").end_object();
  }
  writer.end_object();
  writer.key("request_id");
  if (id.empty()) {
    writer.null();
  } else {
    writer.string(id);
  }
  writer.end_object();
}

ErrorReply error_reply(const Error& error, std::string_view id) {
  const ErrorCode& code = error_code(error.kind);
  ErrorReply reply{.status = code.anthropic_type == kOverloaded ? kOverloadedStatus : code.status};
  append_error(reply.body, error, id);
  if (error.retry_after) {
    const std::int64_t milliseconds = error.retry_after->count();
    const std::int64_t seconds = std::max<std::int64_t>(1, (milliseconds + 999) / 1000);
    reply.headers.emplace_back("retry-after", std::to_string(seconds));
    reply.headers.emplace_back("retry-after-ms", std::to_string(milliseconds));
  }
  // Anthropic's SDKs would try again in a second what is exhausted until tomorrow, and
  // Claude Code tries ten times for minutes with a token that is not known.
  if (error.kind == ErrorKind::kQuotaExhausted || error.kind == ErrorKind::kUnauthenticated) {
    reply.headers.emplace_back("x-should-retry", "false");
  }
  return reply;
}

}  // namespace wasat::dialect::anthropic
