#include "gemini/errors.h"

#include <gtest/gtest.h>

#include <string>

#include "base/recordings_test.h"
#include "gemini/error_body.h"

namespace wasat::gemini {
namespace {

using namespace std::chrono_literals;
using enum ErrorKind;

const SystemTime kNow = *parse_timestamp("2026-11-21T06:30:00Z");
const SystemTime kMidnight = *parse_timestamp("2026-11-21T08:00:00Z");

Failure classified(int status, std::string_view body, std::string_view retry_after = {}) {
  const auto buffer = Buffer::copy_of(body);
  return classify(
      {.status = status, .body = buffer->padded(), .retry_after = retry_after, .now = kNow});
}

std::string error_json(int code, std::string_view message, std::string_view details = {}) {
  return R"({"error":{"code":)" + std::to_string(code) + R"(,"message":")" + std::string(message) +
         R"(","details":[)" + std::string(details) + "]}}";
}

std::string error_info(std::string_view reason, std::string_view metadata = "{}") {
  return R"({"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":")" + std::string(reason) +
         R"(","metadata":)" + std::string(metadata) + "}";
}

std::string quota_failure(std::string_view id, std::string_view more = {}) {
  return R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaId":")" +
         std::string(id) + "\"" + std::string(more) + "}]}";
}

std::string retry_info(std::string_view delay) {
  return R"({"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":")" +
         std::string(delay) + "\"}";
}

TEST(Errors, WhatCouldBeSentOtherwiseIsSaid) {
  const auto remedy = [](std::string_view message) {
    return classified(400, error_json(400, message)).remedy;
  };
  EXPECT_EQ(remedy("Function call is missing a thought_signature in functionCall parts."),
            Remedy::kWithoutSignatures);
  EXPECT_EQ(remedy("Penalty is not enabled for models/x"), Remedy::kWithoutOptions);
  EXPECT_EQ(remedy("Invalid JSON payload received. Unknown name \\\"parametersJsonSchema\\\" at "
                   "'tools[0].function_declarations[0]': Cannot find field."),
            Remedy::kOpenApiSchemas);
  EXPECT_EQ(remedy("temperature must be in the range [0.0, 2.0]."), Remedy::kNone);
}

TEST(Errors, AnInvalidKeyIsTheCredentialsFault) {
  const Failure failure =
      classified(400, error_json(400, "API key not valid. Please pass a valid API key.",
                                 error_info("API_KEY_INVALID")));
  EXPECT_EQ(failure.error.kind, kCredentialRejected);
  EXPECT_EQ(failure.error.retry, Retry::kNextCredential);
  EXPECT_EQ(failure.error.source, ErrorSource::kUpstream);
  EXPECT_EQ(failure.error.status, 400);
  EXPECT_EQ(failure.blame, Blame::kCredential);
  EXPECT_EQ(failure.defect, Defect::kInvalid);
  EXPECT_FALSE(failure.quota.has_value());
}

TEST(Errors, DefectsOfCredentials) {
  struct Row {
    int status;
    const char* message;
    const char* reason;
    Defect defect;
  };
  for (const Row& row : {
           Row{400, "API key expired. Please renew the API key.", "API_KEY_INVALID",
               Defect::kExpired},
           Row{400, "API Key not found. Please pass a valid API key.", "x", Defect::kInvalid},
           Row{401, "Anything.", "x", Defect::kInvalid},
           Row{402, "Pay.", "x", Defect::kBilling},
           Row{403, "Your API key was reported as leaked. Please use another API key.", "x",
               Defect::kLeaked},
           Row{403, "Permission denied: Consumer 'api_key:AIzaSy' has been suspended.",
               "CONSUMER_SUSPENDED", Defect::kSuspended},
           Row{403, "x", "SERVICE_DISABLED", Defect::kServiceDisabled},
           Row{403, "x", "API_KEY_HTTP_REFERRER_BLOCKED", Defect::kRestricted},
           Row{403, "x", "BILLING_DISABLED", Defect::kBilling},
           Row{403, "x", "VALIDATION_REQUIRED", Defect::kValidationRequired},
       }) {
    const Failure failure =
        classified(row.status, error_json(row.status, row.message, error_info(row.reason)));
    EXPECT_EQ(failure.defect, row.defect) << row.message << row.reason;
    EXPECT_EQ(failure.error.kind, kCredentialRejected) << row.message;
    EXPECT_EQ(failure.error.retry, Retry::kNextCredential) << row.message;
    EXPECT_FALSE(defect_action(row.defect).empty());
    EXPECT_FALSE(defect_name(row.defect).empty());
  }
}

TEST(Errors, P54_ABanNeverRotatesTheRestThrough) {
  const Failure failure = classified(403, error_json(403, "x", error_info("TOS_VIOLATION")));
  EXPECT_EQ(failure.defect, Defect::kTermsViolation);
  EXPECT_EQ(failure.error.retry, Retry::kNever);
}

TEST(Errors, AClientCannotTalkACredentialOutOfService) {
  for (const char* quoted : {"API key not valid", "API key expired", "reported as leaked",
                             "has been suspended", "Permission denied: Consumer"}) {
    const Failure failure = classified(
        400, error_json(400, std::string("Invalid JSON payload received. Unknown name \\\"") +
                                 quoted + "\\\": Cannot find field."));
    EXPECT_FALSE(failure.defect.has_value()) << quoted;
    EXPECT_EQ(failure.error.kind, kInvalidRequest);
    EXPECT_EQ(failure.error.retry, Retry::kNever);
    EXPECT_EQ(failure.error.source, ErrorSource::kClient);
  }
}

TEST(Errors, ValidationNamesThePlaceToGo) {
  const Failure failure =
      classified(403, error_json(403, "x",
                                 error_info("VALIDATION_REQUIRED") +
                                     R"(,{"@type":"type.googleapis.com/google.rpc.Help","links":[)"
                                     R"({"url":"https://accounts.google.com/verify"}]})"));
  EXPECT_EQ(failure.help_url, "https://accounts.google.com/verify");
}

TEST(Errors, P42_P43_WhatIsNotTheCredentialsFault) {
  struct Row {
    int status;
    const char* message;
    ErrorKind kind;
    Retry retry;
    Blame blame;
  };
  for (const Row& row : {
           Row{400, "* GenerateContentRequest.contents: contents is not specified", kInvalidRequest,
               Retry::kNever, Blame::kNobody},
           Row{400,
               "The input token count (1200000) exceeds the maximum number of tokens allowed "
               "(1048576).",
               kContextTooLong, Retry::kNever, Blame::kNobody},
           Row{400, "Request payload size exceeds the limit: 20971520 bytes.", kTooLarge,
               Retry::kNever, Blame::kNobody},
           Row{400, "User location is not supported for the API use.", kUpstreamFailed,
               Retry::kNextCredential, Blame::kNobody},
           Row{404, "models/x is not found for API version v1beta, or is not supported for x.",
               kModelNotFound, Retry::kNever, Blame::kNobody},
           Row{404, "Requested entity was not found.", kNotFound, Retry::kNever, Blame::kNobody},
           Row{403, "You do not have permission to access the File x or it may not exist.",
               kPermissionDenied, Retry::kNextCredential, Blame::kNobody},
           Row{413, "Too large.", kTooLarge, Retry::kNever, Blame::kNobody},
           Row{499, "The operation was cancelled.", kUpstreamFailed, Retry::kNextCredential,
               Blame::kNobody},
           Row{500, "An internal error has occurred.", kUpstreamFailed, Retry::kNextCredential,
               Blame::kNobody},
           Row{503, "The model is overloaded. Please try again later.", kUnavailable,
               Retry::kNextCredential, Blame::kModel},
           Row{504, "Deadline expired.", kTimeout, Retry::kNextCredential, Blame::kModel},
       }) {
    const Failure failure = classified(row.status, error_json(row.status, row.message));
    EXPECT_EQ(failure.error.kind, row.kind) << row.message;
    EXPECT_EQ(failure.error.retry, row.retry) << row.message;
    EXPECT_EQ(failure.blame, row.blame) << row.message;
    EXPECT_FALSE(failure.quota.has_value()) << row.message;
    EXPECT_FALSE(failure.defect.has_value()) << row.message;
    EXPECT_EQ(failure.error.status, row.status);
  }
}

TEST(Errors, P38_RetryInfoIsObeyed) {
  const Failure failure =
      classified(429, error_json(429, "x",
                                 quota_failure("GenerateRequestsPerMinutePerProjectPerModel") +
                                     "," + retry_info("34.074824224s")));
  EXPECT_EQ(failure.error.kind, kRateLimited);
  EXPECT_EQ(failure.error.retry, Retry::kNextCredential);
  EXPECT_EQ(failure.error.retry_after, 34075ms);
  ASSERT_TRUE(failure.quota.has_value());
  EXPECT_EQ(failure.quota->window, QuotaWindow::kMinute);
  EXPECT_EQ(failure.quota->until, kNow + 34075ms);
  EXPECT_FALSE(failure.quota->whole_credential);
  EXPECT_EQ(failure.quota->quota_id, "GenerateRequestsPerMinutePerProjectPerModel");
  EXPECT_EQ(failure.blame, Blame::kNobody);
}

TEST(Errors, P39_P40_DailyQuotasLastUntilMidnightWhateverTheDelaySays) {
  const Failure failure = classified(
      429, error_json(429, "Please retry in 36.1s.",
                      R"({"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[)"
                      R"({"quotaId":"GenerateRequestsPerMinutePerProjectPerModel-FreeTier"},)"
                      R"({"quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},)" +
                          retry_info("36s")));
  EXPECT_EQ(failure.error.kind, kQuotaExhausted);
  ASSERT_TRUE(failure.quota.has_value());
  EXPECT_EQ(failure.quota->window, QuotaWindow::kDay);
  EXPECT_EQ(failure.quota->until, kMidnight);
  EXPECT_EQ(failure.quota->quota_id, "GenerateRequestsPerDayPerProjectPerModel-FreeTier");
  EXPECT_EQ(failure.error.retry_after, 90min);
}

TEST(Errors, FreeTierByTheMinuteIsNotExhausted) {
  const Failure failure = classified(
      429,
      error_json(429, "x", quota_failure("GenerateRequestsPerMinutePerProjectPerModel-FreeTier")));
  EXPECT_EQ(failure.error.kind, kRateLimited);
  EXPECT_EQ(failure.quota->until, kNow + 60s);
}

TEST(Errors, ALimitOfZeroIsForEver) {
  for (const std::string& body :
       {error_json(429, "Quota exceeded for metric: x, limit: 0, model: y\\nPlease retry in 20s."),
        error_json(429, "x, limit: 0"),
        error_json(429, "x", quota_failure("PerDayPerProjectPerModel", R"(,"quotaValue":"0")")),
        error_json(
            429, "x",
            error_info("RATE_LIMIT_EXCEEDED", R"({"quota_limit":"PerMinutePerProjectPerRegion",)"
                                              R"("quota_limit_value":"0"})"))}) {
    const Failure failure = classified(429, body);
    ASSERT_TRUE(failure.quota.has_value()) << body;
    EXPECT_EQ(failure.quota->window, QuotaWindow::kNever) << body;
    EXPECT_EQ(failure.quota->until, SystemTime::max()) << body;
    EXPECT_EQ(failure.error.kind, kQuotaExhausted) << body;
    EXPECT_EQ(failure.error.retry_after, std::nullopt) << body;
  }
  EXPECT_EQ(classified(429, error_json(429, "limit: 0.5")).quota->window, QuotaWindow::kUnknown);
  EXPECT_EQ(classified(429, error_json(429, "limit: 01")).quota->window, QuotaWindow::kUnknown);
}

TEST(Errors, FormsOfDelays) {
  const auto until = [](const std::string& body) {
    const Failure failure = classified(429, body);
    return failure.quota ? failure.quota->until : std::nullopt;
  };
  EXPECT_EQ(until(error_json(429, "Please retry in 812.5ms.")), kNow + 813ms);
  EXPECT_EQ(until(error_json(429, "Your quota will reset after 1h2m3s.")), kNow + 3723s);
  EXPECT_EQ(
      until(error_json(429, "x",
                       error_info("RATE_LIMIT_EXCEEDED", R"({"quotaResetDelay":"373.801628ms"})"))),
      kNow + 374ms);
  EXPECT_EQ(until(error_json(429, "x",
                             error_info("QUOTA_EXHAUSTED", R"({"quotaResetDelay":"13h19m1.2s"})"))),
            kNow + 13h + 19min + 1200ms);
  EXPECT_EQ(until(error_json(429, "x",
                             error_info("QUOTA_EXHAUSTED",
                                        R"({"quotaResetTimeStamp":"2026-11-21T10:00:00Z"})"))),
            kNow + 3h + 30min);
  EXPECT_EQ(until(error_json(429, "x", error_info("QUOTA_EXHAUSTED"))), kMidnight);
  EXPECT_EQ(until(error_json(429, "x", error_info("RATE_LIMIT_EXCEEDED"))), kNow + 60s);
  EXPECT_EQ(until(error_json(429, "Resource has been exhausted (e.g. check quota).")),
            std::nullopt);
  EXPECT_EQ(classified(429, error_json(429, "x"), "17").quota->until, kNow + 17s);
  EXPECT_EQ(classified(429, error_json(429, "x"), "Fri, 01 Jan").quota->until, std::nullopt);
}

TEST(Errors, ScopesOfCooldowns) {
  EXPECT_TRUE(classified(429, error_json(429, "x", quota_failure("RequestsPerMinutePerProject")))
                  .quota->whole_credential);
  EXPECT_FALSE(classified(429, error_json(429, "x",
                                          quota_failure("RequestsPerMinutePerProject",
                                                        R"(,"quotaDimensions":{"model":"m"})")))
                   .quota->whole_credential);
  EXPECT_FALSE(classified(429, error_json(429, "x")).quota->whole_credential);
  const Failure money = classified(429, error_json(429, "Your prepayment credits are depleted."));
  EXPECT_TRUE(money.quota->whole_credential);
  EXPECT_EQ(money.quota->until, kNow + 1h);
}

TEST(Errors, P41_ALimitedAddressBlamesNobody) {
  const Failure failure = classified(429, "<html><title>Sorry...</title></html>", "30");
  EXPECT_EQ(failure.error.kind, kRateLimited);
  EXPECT_EQ(failure.blame, Blame::kNobody);
  EXPECT_FALSE(failure.quota.has_value());
  EXPECT_EQ(failure.error.retry_after, 30s);
}

TEST(Errors, AModelsCapacityBlamesTheModel) {
  const Failure failure = classified(
      429, error_json(429, "x", error_info("MODEL_CAPACITY_EXHAUSTED") + "," + retry_info("3s")));
  EXPECT_EQ(failure.blame, Blame::kModel);
  EXPECT_FALSE(failure.quota.has_value());
  EXPECT_EQ(failure.error.retry_after, 3s);
}

TEST(Errors, WhatNoGoogleFrontWroteIsNoJudgement) {
  for (const int status : {400, 401, 403, 404, 500, 502}) {
    for (const char* body : {"", "<html>nope</html>", "{", "[]", "[1]", "null", "{\"error\":7}",
                             R"({"error":"invalid_grant"})"}) {
      const Failure failure = classified(status, body);
      EXPECT_EQ(failure.error.kind, kUpstreamFailed) << status << body;
      EXPECT_EQ(failure.error.retry, Retry::kNextCredential) << status << body;
      EXPECT_EQ(failure.blame, Blame::kNobody) << status << body;
      EXPECT_FALSE(failure.defect.has_value());
    }
  }
  EXPECT_EQ(classified(503, "busy").error.kind, kUnavailable);
  EXPECT_EQ(classified(504, "late").error.kind, kTimeout);
  EXPECT_EQ(classified(413, "<html>").error.kind, kTooLarge);
}

TEST(Errors, ErrorsInsideAnOkAnswerCountByTheirCode) {
  const Failure failure = classified(200, "[" + error_json(503, "overloaded") + "]");
  EXPECT_EQ(failure.error.kind, kUnavailable);
  EXPECT_EQ(failure.error.status, 503);
  EXPECT_EQ(classified(200, error_json(0, "?")).error.kind, kUpstreamFailed);
}

TEST(Errors, NoSecretReachesTheClient) {
  const std::string key = "AIzaSyA1234567890abcdefghijklmnopqrstuv";
  for (const int status : {400, 403, 404, 429, 500, 503}) {
    const Failure failure = classified(
        status, error_json(status, "Consumer 'api_key:" + key + "' and project 123456789012",
                           R"({"@type":"type.googleapis.com/google.rpc.BadRequest",)"
                           R"("fieldViolations":[{"field":")" +
                               key + "\"}]}"));
    const std::string shown = error_body(failure.error);
    EXPECT_EQ(shown.find(key), std::string::npos) << shown;
    EXPECT_EQ(shown.find("123456789012"), std::string::npos) << shown;
  }
}

TEST(Errors, FieldsAreNamed) {
  const Failure failure =
      classified(400, error_json(400, "Invalid JSON payload received.",
                                 R"({"@type":"type.googleapis.com/google.rpc.BadRequest",)"
                                 R"("fieldViolations":[{"field":"tools[0].x"},{"field":"y"}]})"));
  EXPECT_EQ(failure.error.param, "tools[0].x");
}

// Recorded bodies, when the folder of recordings stands beside the project.
TEST(Errors, RecordedRefusals) {
  WASAT_SKIP_WITHOUT_RECORDINGS();
  struct Row {
    const char* file;
    int status;
    ErrorKind kind;
    Retry retry;
  };
  for (const Row& row : {
           Row{"transcribed/429_free_tier_multi_violation.json", 429, kQuotaExhausted,
               Retry::kNextCredential},
           Row{"transcribed/429_limit_zero_message_retry.json", 429, kQuotaExhausted,
               Retry::kNextCredential},
           Row{"transcribed/429_bare_no_details.json", 429, kRateLimited, Retry::kNextCredential},
           Row{"transcribed/503_overloaded.json", 503, kUnavailable, Retry::kNextCredential},
           Row{"transcribed/503_high_demand.json", 503, kUnavailable, Retry::kNextCredential},
           Row{"transcribed/500_internal.json", 500, kUpstreamFailed, Retry::kNextCredential},
           Row{"transcribed/400_missing_thought_signature.json", 400, kInvalidRequest,
               Retry::kNever},
           Row{"transcribed/400_function_response_count.json", 400, kInvalidRequest, Retry::kNever},
           Row{"transcribed/400_schema_unknown_field.json", 400, kInvalidRequest, Retry::kNever},
           Row{"vercel-ai-google/google_google-429-retry-info.json", 429, kRateLimited,
               Retry::kNextCredential},
           Row{"firebase-vertexai-sdk-test-data/googleai_unary-failure-api-key.json", 400,
               kCredentialRejected, Retry::kNextCredential},
           Row{"firebase-vertexai-sdk-test-data/googleai_unary-failure-unknown-model.json", 404,
               kModelNotFound, Retry::kNever},
           Row{"firebase-vertexai-sdk-test-data/"
               "googleai_unary-failure-generativelanguage-api-not-enabled.json",
               403, kCredentialRejected, Retry::kNextCredential},
           Row{"firebase-vertexai-sdk-test-data/vertexai_unary-failure-quota-exceeded.json", 429,
               kQuotaExhausted, Retry::kNextCredential},
           Row{"firebase-vertexai-sdk-test-data/"
               "vertexai_unary-failure-unsupported-user-location.json",
               400, kUpstreamFailed, Retry::kNextCredential},
           Row{"firebase-vertexai-sdk-test-data/vertexai_unary-failure-iam-permission-denied.json",
               403, kPermissionDenied, Retry::kNextCredential},
       }) {
    const std::string body = read_file(test::recordings_folder() / row.file);
    ASSERT_FALSE(body.empty()) << row.file;
    const Failure failure = classified(row.status, body);
    EXPECT_EQ(failure.error.kind, row.kind) << row.file;
    EXPECT_EQ(failure.error.retry, row.retry) << row.file;
  }
}

// Reasons as users of the Live API report them.
TEST(ClassifyClose, ByGooglesWords) {
  struct Case {
    std::uint16_t code;
    const char* reason;
    ErrorKind kind;
    Retry retry;
  };
  for (const Case& each : {
           Case{1011,
                "You exceeded your current quota, please check your plan and billing details.",
                ErrorKind::kRateLimited, Retry::kNextCredential},
           Case{1011, "Resource has been exhausted (e.g. check quota).", ErrorKind::kRateLimited,
                Retry::kNextCredential},
           Case{1007, "API key not valid. Please pass a valid API key.",
                ErrorKind::kCredentialRejected, Retry::kNextCredential},
           Case{1008,
                "models/gemini-9 is not found for API version v1beta, or is not supported for "
                "bidiGenerateContent.",
                ErrorKind::kModelNotFound, Retry::kNever},
           Case{1007, "Request contains an invalid argument.", ErrorKind::kInvalidRequest,
                Retry::kNever},
           Case{1011, "Internal error encountered.", ErrorKind::kUpstreamFailed,
                Retry::kNextCredential},
           Case{1011, "The service is currently unavailable.", ErrorKind::kUnavailable,
                Retry::kNextCredential},
           Case{1011, "Deadline expired before operation could complete.", ErrorKind::kTimeout,
                Retry::kNextCredential},
           Case{1000, "", ErrorKind::kUpstreamFailed, Retry::kNextCredential},
       }) {
    const Failure failure = classify_close(each.code, each.reason, SystemTime());
    EXPECT_EQ(failure.error.kind, each.kind) << each.reason;
    EXPECT_EQ(failure.error.retry, each.retry) << each.reason;
  }
}

}  // namespace
}  // namespace wasat::gemini
