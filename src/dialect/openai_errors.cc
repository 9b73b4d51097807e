#include "dialect/openai_errors.h"

#include <chrono>

#include "json/writer.h"

namespace wasat::dialect::openai {
namespace {

std::int64_t whole_seconds(std::chrono::milliseconds time) {
  return std::max<std::int64_t>(1, (time.count() + 999) / 1000);
}

}  // namespace

std::string error_message(const Error& error) {
  std::string message =
      error.detail.empty() ? std::string(error_code(error.kind).name) : error.detail;
  if (error.retry_after && error.kind == ErrorKind::kRateLimited &&
      message.find("try again in") == std::string::npos) {
    message += " Please try again in " + std::to_string(whole_seconds(*error.retry_after)) + "s.";
  }
  return message;
}

void append_error(std::string& out, const Error& error) {
  const ErrorCode& code = error_code(error.kind);
  json::Writer writer(out);
  writer.begin_object().key("error").begin_object();
  writer.member("message", error_message(error)).member("type", code.openai_type);
  if (error.param.empty()) {
    writer.key("param").null();
  } else {
    writer.member("param", error.param);
  }
  if (code.openai_code.empty()) {
    writer.key("code").null();
  } else {
    writer.member("code", code.openai_code);
  }
  writer.end_object().end_object();
}

ErrorReply error_reply(const Error& error) {
  ErrorReply reply{.status = error_code(error.kind).status};
  append_error(reply.body, error);
  if (error.retry_after) {
    reply.headers.emplace_back("retry-after", std::to_string(whole_seconds(*error.retry_after)));
    reply.headers.emplace_back("retry-after-ms", std::to_string(error.retry_after->count()));
  }
  // OpenAI's SDKs would try again in a second what is exhausted until tomorrow, and
  // Claude Code tries ten times for minutes with a token that is not known.
  if (error.kind == ErrorKind::kQuotaExhausted || error.kind == ErrorKind::kUnauthenticated) {
    reply.headers.emplace_back("x-should-retry", "false");
  }
  return reply;
}

}  // namespace wasat::dialect::openai
