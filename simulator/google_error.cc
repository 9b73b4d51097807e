#include "simulator/google_error.h"

#include "json/writer.h"

namespace wasat::simulator {
namespace {

constexpr std::string_view kTypes = "type.googleapis.com/google.rpc.";

json::Writer& begin_detail(json::Writer& writer, std::string_view type) {
  return writer.begin_object().member("@type", std::string(kTypes).append(type));
}

}  // namespace

GoogleError google_error(int code, std::string_view status, std::string_view message,
                         std::string_view details) {
  GoogleError error{.code = code, .body = {}};
  json::Writer writer(error.body);
  writer.begin_object().key("error").begin_object();
  writer.member("code", code).member("message", message).member("status", status);
  if (!details.empty()) {
    writer.member_raw("details", std::string("[").append(details).append("]"));
  }
  writer.end_object().end_object();
  return error;
}

GoogleError invalid_argument(std::string_view message, std::string_view details) {
  return google_error(400, "INVALID_ARGUMENT", message, details);
}

std::string error_info(std::string_view reason) {
  std::string out;
  json::Writer writer(out);
  begin_detail(writer, "ErrorInfo")
      .member("reason", reason)
      .member("domain", "googleapis.com")
      .key("metadata")
      .begin_object()
      .member("service", "generativelanguage.googleapis.com")
      .end_object()
      .end_object();
  return out;
}

std::string retry_info(std::string_view delay) {
  std::string out;
  json::Writer writer(out);
  begin_detail(writer, "RetryInfo").member("retryDelay", delay).end_object();
  return out;
}

std::string quota_violation(std::string_view metric, std::string_view id, std::string_view model,
                            std::string_view value) {
  std::string out;
  json::Writer writer(out);
  writer.begin_object()
      .member("quotaMetric", std::string("generativelanguage.googleapis.com/").append(metric))
      .member("quotaId", id)
      .key("quotaDimensions")
      .begin_object()
      .member("location", "global")
      .member("model", model)
      .end_object();
  if (!value.empty()) writer.member("quotaValue", value);
  writer.end_object();
  return out;
}

std::string quota_failure(std::string_view violations) {
  std::string out;
  json::Writer writer(out);
  begin_detail(writer, "QuotaFailure")
      .member_raw("violations", std::string("[").append(violations).append("]"))
      .end_object();
  return out;
}

std::string quota_help() {
  std::string out;
  json::Writer writer(out);
  begin_detail(writer, "Help")
      .key("links")
      .begin_array()
      .begin_object()
      .member("description", "Learn more about Gemini API quotas")
      .member("url", "https://ai.google.dev/gemini-api/docs/rate-limits")
      .end_object()
      .end_array()
      .end_object();
  return out;
}

GoogleError invalid_key() {
  constexpr std::string_view kMessage = "API key not valid. Please pass a valid API key.";
  std::string localized;
  json::Writer writer(localized);
  begin_detail(writer, "LocalizedMessage")
      .member("locale", "en-US")
      .member("message", kMessage)
      .end_object();
  return invalid_argument(kMessage, error_info("API_KEY_INVALID") + "," + localized);
}

GoogleError no_key() {
  return google_error(403, "PERMISSION_DENIED",
                      "Method doesn't allow unregistered callers (callers without established "
                      "identity). Please use API Key or other form of API consumer identity to "
                      "call this API.");
}

GoogleError unknown_model(std::string_view model, std::string_view version,
                          std::string_view method) {
  std::string message = "models/";
  message.append(model).append(" is not found for API version ").append(version);
  message.append(", or is not supported for ").append(method);
  message += ". Call ListModels to see the list of available models and their supported methods.";
  return google_error(404, "NOT_FOUND", message);
}

}  // namespace wasat::simulator
