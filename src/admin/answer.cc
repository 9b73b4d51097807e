#include "admin/answer.h"

#include "json/writer.h"

namespace wasat::admin {

Refusal bad_field(std::string_view field, std::string message, std::string remedy) {
  return {.status = 400,
          .code = "invalid_field",
          .message = std::move(message),
          .remedy = std::move(remedy),
          .field = std::string(field)};
}

Refusal not_found(std::string_view what, std::string_view id) {
  std::string message("there is no ");
  message.append(what);
  if (!id.empty()) message.append(" ").append(id.substr(0, 80));
  return {.status = 404, .code = "not_found", .message = std::move(message)};
}

Refusal conflict(std::string message, std::string remedy) {
  return {.status = 409,
          .code = "conflict",
          .message = std::move(message),
          .remedy = std::move(remedy)};
}

Refusal refusal_of(const Error& error) {
  const ErrorCode& code = error_code(error.kind);
  Refusal refusal{.status = code.status,
                  .code = std::string(code.name),
                  .message = error.detail,
                  .field = error.param};
  if (error.retry_after) {
    refusal.retry_after = std::chrono::ceil<std::chrono::seconds>(*error.retry_after);
  }
  return refusal;
}

std::string refusal_body(const Refusal& refusal) {
  std::string body;
  json::Writer writer(body);
  writer.begin_object().key("error").begin_object();
  writer.member("code", refusal.code).member("message", refusal.message);
  if (!refusal.remedy.empty()) writer.member("remedy", refusal.remedy);
  if (!refusal.field.empty()) writer.member("field", refusal.field);
  writer.end_object().end_object();
  return body;
}

}  // namespace wasat::admin
