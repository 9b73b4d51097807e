#include "gemini/error_body.h"

#include <cstdio>

#include "json/writer.h"

namespace wasat::gemini {

std::string duration_text(std::chrono::milliseconds duration) {
  const auto ms = std::max<std::int64_t>(duration.count(), 0);
  std::string text = std::to_string(ms / 1000);
  if (ms % 1000 != 0) {
    char fraction[8];
    std::snprintf(fraction, sizeof(fraction), ".%03d", static_cast<int>(ms % 1000));
    text += fraction;
  }
  return text += 's';
}

void append_error_body(std::string& out, const Error& error) {
  const ErrorCode& code = error_code(error.kind);
  json::Writer writer(out);
  writer.begin_object().key("error").begin_object();
  writer.member("code", code.status);
  writer.member("message", error.detail);
  writer.member("status", error.canonical.empty() ? code.canonical : error.canonical);
  if (error.retry_after || !error.param.empty()) {
    writer.key("details").begin_array();
    if (!error.param.empty()) {
      writer.begin_object()
          .member("@type", "type.googleapis.com/google.rpc.BadRequest")
          .key("fieldViolations")
          .begin_array()
          .begin_object()
          .member("field", error.param)
          .member("description", error.detail)
          .end_object()
          .end_array()
          .end_object();
    }
    if (error.retry_after) {
      writer.begin_object()
          .member("@type", "type.googleapis.com/google.rpc.RetryInfo")
          .member("retryDelay", duration_text(*error.retry_after))
          .end_object();
    }
    writer.end_array();
  }
  writer.end_object().end_object();
}

std::string error_body(const Error& error) {
  std::string out;
  append_error_body(out, error);
  return out;
}

}  // namespace wasat::gemini
