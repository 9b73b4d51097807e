#include "simulator/fault.h"

#include <algorithm>
#include <array>
#include <string>

namespace wasat::simulator {
namespace {

using enum Fault;

constexpr std::array kFaults = {
    FaultRow{kQuotaMinute, "quota-minute", "429, requests per minute, RetryInfo 34.4 s"},
    FaultRow{kQuotaDay, "quota-day", "429, requests per day, with Google's misleading 36 s"},
    FaultRow{kQuotaMulti, "quota-multi", "429, minute and day violated in one body"},
    FaultRow{kQuotaZero, "quota-zero", "429, limit: 0 in the message only"},
    FaultRow{kQuotaBare, "quota-bare", "429 without any detail"},
    FaultRow{kQuotaRetry, "quota-retry", "429, per minute, RetryInfo 900 ms"},
    FaultRow{kQuotaText, "quota-text", "429, \"Please retry in 812.5ms\" in the message only"},
    FaultRow{kQuotaPage, "quota-page", "429 with an HTML page: the address is limited"},
    FaultRow{kInternal, "internal", "500 INTERNAL"},
    FaultRow{kOverloaded, "overloaded", "503 UNAVAILABLE"},
    FaultRow{kDeadline, "deadline", "504 DEADLINE_EXCEEDED"},
    FaultRow{kBadGateway, "bad-gateway", "502 with an HTML page"},
    FaultRow{kKeyInvalid, "key-invalid", "400 API_KEY_INVALID"},
    FaultRow{kKeyExpired, "key-expired", "400, the key has expired"},
    FaultRow{kKeySuspended, "key-suspended", "403 CONSUMER_SUSPENDED"},
    FaultRow{kKeyLeaked, "key-leaked", "403, the key was reported as leaked"},
    FaultRow{kServiceDisabled, "service-disabled", "403 SERVICE_DISABLED"},
    FaultRow{kLocation, "location", "400, the location is not supported"},
    FaultRow{kTooLong, "too-long", "400, more input tokens than the model takes"},
    FaultRow{kNoModel, "no-model", "404, no such model"},
    FaultRow{kNoJsonSchema, "no-json-schema", "400, a schema is not taken as JSON Schema"},
    FaultRow{kEarly, "early", "413 while the request's body is still coming"},
    FaultRow{kClose, "close", "closes without a byte of an answer"},
    FaultRow{kCloseReused, "close-reused", "the same for every second request"},
    FaultRow{kStall, "stall", "takes the request and says nothing"},
    FaultRow{kStallMid, "stall-mid", "falls silent behind the first chunk"},
    FaultRow{kReset, "reset", "cuts the connection within a chunk"},
    FaultRow{kTorn, "torn", "ends in good order within a chunk"},
    FaultRow{kErrorEvent, "error-event", "an error object as event behind the first chunk"},
    FaultRow{kBareError, "bare-error", "a bare error object behind the events"},
    FaultRow{kErrorInOk, "error-in-ok", "200 with an error object"},
    FaultRow{kGarbage, "garbage", "200 with a page"},
    FaultRow{kEmpty, "empty", "200 with no candidate, or no event"},
    FaultRow{kNoReason, "no-reason", "ends without a finishReason"},
    FaultRow{kDrip, "drip", "one byte per write"},
    FaultRow{kSlow, "slow", "`ms` between the chunks"},
    FaultRow{kHuge, "huge", "an answer of `bytes`"},
    FaultRow{kBlocked, "blocked", "promptFeedback with blockReason SAFETY"},
    FaultRow{kSafety, "safety", "finishReason SAFETY in the middle"},
    FaultRow{kRecitation, "recitation", "finishReason RECITATION and no content"},
    FaultRow{kMaxTokens, "max-tokens", "finishReason MAX_TOKENS in the middle"},
    FaultRow{kMalformedCall, "malformed-call", "finishReason MALFORMED_FUNCTION_CALL"},
    FaultRow{kThoughtsOnly, "thoughts-only", "thoughts, and then nothing"},
    FaultRow{kLiveQuota, "live-quota", "Live: closes with 1011 behind the setup, quota exceeded"},
    FaultRow{kLiveClose, "live-close", "Live: closes with 1011 within an answer"},
    FaultRow{kLiveGoAway, "live-go-away", "Live: goAway within an answer"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kFaults.size(); ++i) {
    if (static_cast<std::size_t>(kFaults[i].fault) != i) return false;
  }
  return kFaults.size() == static_cast<std::size_t>(kLiveGoAway) + 1;
}
static_assert(in_order(), "one row per Fault, in the order of the enum");

constexpr std::string_view kExceeded =
    "You exceeded your current quota, please check your plan and billing details. For more "
    "information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits.";
constexpr std::string_view kRequests = "generate_content_free_tier_requests";
constexpr std::string_view kTokens = "generate_content_free_tier_input_token_count";
constexpr std::string_view kPerMinute = "GenerateRequestsPerMinutePerProjectPerModel-FreeTier";
constexpr std::string_view kPerDay = "GenerateRequestsPerDayPerProjectPerModel-FreeTier";
constexpr std::string_view kTokensPerMinute =
    "GenerateContentInputTokensPerModelPerMinute-FreeTier";

GoogleError quota(std::string_view more, const std::string& violations, std::string_view delay) {
  std::string details = quota_failure(violations) + "," + quota_help();
  if (!delay.empty()) details += "," + retry_info(delay);
  return google_error(429, "RESOURCE_EXHAUSTED", std::string(kExceeded).append(more), details);
}

std::string limit_line(std::string_view metric, std::string_view limit, std::string_view model) {
  return std::string("\n* Quota exceeded for metric: generativelanguage.googleapis.com/")
      .append(metric)
      .append(", limit: ")
      .append(limit)
      .append(", model: ")
      .append(model);
}

GoogleError page(int code, std::string_view title) {
  return {.code = code,
          .body = "<html lang=\"en\"><head><title>" + std::string(title) + "</title></head><body>" +
                  std::string(title) + "</body></html>\n"};
}

}  // namespace

std::span<const FaultRow> faults() { return kFaults; }

std::string_view fault_name(Fault fault) { return kFaults[static_cast<std::size_t>(fault)].name; }

std::optional<Fault> find_fault(std::string_view name) {
  const auto row = std::ranges::find(kFaults, name, &FaultRow::name);
  if (row == kFaults.end()) return std::nullopt;
  return row->fault;
}

std::optional<Fault> fault_in(std::string_view text) {
  constexpr std::string_view kMark = "sim-";
  const std::size_t mark = text.find(kMark);
  if (mark == std::string_view::npos) return std::nullopt;
  const std::string_view rest = text.substr(mark + kMark.size());
  const FaultRow* best = nullptr;
  for (const FaultRow& row : kFaults) {
    if (rest.starts_with(row.name) && (best == nullptr || row.name.size() > best->name.size())) {
      best = &row;
    }
  }
  if (best == nullptr) return std::nullopt;
  return best->fault;
}

GoogleError refusal_of(Fault fault, std::string_view model, std::string_view version) {
  const auto minute = [&] { return quota_violation(kRequests, kPerMinute, model, "10"); };
  switch (fault) {
    case kQuotaMinute:
      return quota(limit_line(kRequests, "10", model) + "\nPlease retry in 34.4s.", minute(),
                   "34.4s");
    case kQuotaDay:
      return quota(limit_line(kRequests, "250", model) + "\nPlease retry in 36.074824224s.",
                   quota_violation(kRequests, kPerDay, model, "250"), "36s");
    case kQuotaMulti:
      return quota({},
                   quota_violation(kTokens, kTokensPerMinute, model, {}) + "," +
                       quota_violation(kRequests, kPerMinute, model, {}) + "," +
                       quota_violation(kRequests, kPerDay, model, {}),
                   {});
    case kQuotaZero:
      return google_error(429, "RESOURCE_EXHAUSTED",
                          std::string(kExceeded) + limit_line(kTokens, "0", model) +
                              limit_line(kRequests, "0", model) + "\nPlease retry in 20.04466179s.",
                          quota_help());
    case kQuotaBare:
      return google_error(429, "RESOURCE_EXHAUSTED",
                          "Resource has been exhausted (e.g. check quota).");
    case kQuotaRetry:
      return quota({}, minute(), "0.9s");
    case kQuotaText:
      return google_error(429, "RESOURCE_EXHAUSTED",
                          std::string(kExceeded) + "\nPlease retry in 812.5ms.");
    case kQuotaPage:
      return page(429, "Sorry...");
    case kInternal:
      return google_error(500, "INTERNAL",
                          "An internal error has occurred. Please retry or report in "
                          "https://developers.generativeai.google/guide/troubleshooting");
    case kOverloaded:
    case kErrorEvent:
    case kErrorInOk:
      return google_error(503, "UNAVAILABLE", "The model is overloaded. Please try again later.");
    case kBareError:
      return google_error(499, "CANCELLED", "The operation was cancelled.");
    case kDeadline:
      return google_error(504, "DEADLINE_EXCEEDED", "The request timed out. Please try again.");
    case kBadGateway:
      return page(502, "Error 502 (Server Error)!!1");
    case kKeyInvalid:
      return invalid_key();
    case kKeyExpired:
      return invalid_argument("API key expired. Please renew the API key.",
                              error_info("API_KEY_INVALID"));
    case kKeySuspended:
      return google_error(
          403, "PERMISSION_DENIED",
          "Permission denied: Consumer 'api_key:AIzaSyD0000000000000000000000000000000' has been "
          "suspended.",
          error_info("CONSUMER_SUSPENDED"));
    case kKeyLeaked:
      return google_error(403, "PERMISSION_DENIED",
                          "Your API key was reported as leaked. Please use another API key.");
    case kServiceDisabled:
      return google_error(403, "PERMISSION_DENIED",
                          "Generative Language API has not been used in project 123456789012 "
                          "before or it is disabled.",
                          error_info("SERVICE_DISABLED"));
    case kLocation:
      return google_error(400, "FAILED_PRECONDITION",
                          "User location is not supported for the API use.");
    case kTooLong:
      return invalid_argument(
          "The input token count (1048577) exceeds the maximum number of tokens allowed "
          "(1048576).");
    case kNoModel:
      return unknown_model(model, version, "generateContent");
    case kNoJsonSchema:
      return invalid_argument(
          "Invalid JSON payload received. Unknown name \"parametersJsonSchema\" at "
          "'tools[0].function_declarations[0]': Cannot find field.");
    case kEarly:
      return google_error(413, "INVALID_ARGUMENT",
                          "Request payload size exceeds the limit: 20971520 bytes.");
    default:
      return {};
  }
}

}  // namespace wasat::simulator
