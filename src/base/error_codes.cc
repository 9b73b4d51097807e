#include <array>

#include "base/result.h"

namespace wasat {
namespace {

using enum ErrorKind;

// OpenAI's types and codes: platform.openai.com/docs/guides/error-codes;
// Anthropic's types: platform.claude.com/docs/en/api/errors;
// Google's names: google/rpc/code.proto.
constexpr std::array kCodes = {
    ErrorCode{kInvalidRequest, "invalid_request", 400, "INVALID_ARGUMENT", "invalid_request_error",
              "", "invalid_request_error"},
    ErrorCode{kUnsupported, "unsupported", 400, "INVALID_ARGUMENT", "invalid_request_error",
              "unsupported_value", "invalid_request_error"},
    ErrorCode{kContextTooLong, "context_too_long", 400, "INVALID_ARGUMENT", "invalid_request_error",
              "context_length_exceeded", "invalid_request_error"},
    ErrorCode{kContentBlocked, "content_blocked", 400, "INVALID_ARGUMENT", "invalid_request_error",
              "content_policy_violation", "invalid_request_error"},
    ErrorCode{kUnauthenticated, "unauthenticated", 401, "UNAUTHENTICATED", "invalid_request_error",
              "invalid_api_key", "authentication_error"},
    ErrorCode{kPermissionDenied, "permission_denied", 403, "PERMISSION_DENIED", "permission_error",
              "permission_denied", "permission_error"},
    ErrorCode{kNotFound, "not_found", 404, "NOT_FOUND", "invalid_request_error", "not_found",
              "not_found_error"},
    ErrorCode{kModelNotFound, "model_not_found", 404, "NOT_FOUND", "invalid_request_error",
              "model_not_found", "not_found_error"},
    ErrorCode{kMethodNotAllowed, "method_not_allowed", 405, "INVALID_ARGUMENT",
              "invalid_request_error", "method_not_allowed", "invalid_request_error"},
    ErrorCode{kTooLarge, "too_large", 413, "INVALID_ARGUMENT", "invalid_request_error",
              "request_too_large", "request_too_large"},
    ErrorCode{kUnsupportedMedia, "unsupported_media", 415, "INVALID_ARGUMENT",
              "invalid_request_error", "unsupported_media_type", "invalid_request_error"},
    ErrorCode{kRateLimited, "rate_limited", 429, "RESOURCE_EXHAUSTED", "rate_limit_exceeded",
              "rate_limit_exceeded", "rate_limit_error"},
    ErrorCode{kQuotaExhausted, "quota_exhausted", 429, "RESOURCE_EXHAUSTED", "insufficient_quota",
              "insufficient_quota", "rate_limit_error"},
    ErrorCode{kCancelled, "cancelled", 499, "CANCELLED", "server_error", "cancelled", "api_error"},
    ErrorCode{kInternal, "internal", 500, "INTERNAL", "server_error", "internal_error",
              "api_error"},
    ErrorCode{kUpstreamFailed, "upstream_failed", 502, "UNAVAILABLE", "server_error",
              "upstream_error", "api_error"},
    ErrorCode{kCredentialRejected, "credential_rejected", 502, "UNAVAILABLE", "server_error",
              "upstream_error", "api_error"},
    ErrorCode{kEmptyAnswer, "empty_answer", 502, "UNAVAILABLE", "server_error", "empty_response",
              "overloaded_error"},
    ErrorCode{kNoCredential, "no_credential", 503, "UNAVAILABLE", "server_error", "no_credential",
              "overloaded_error"},
    ErrorCode{kUnavailable, "unavailable", 503, "UNAVAILABLE", "server_error", "unavailable",
              "overloaded_error"},
    ErrorCode{kTimeout, "timeout", 504, "DEADLINE_EXCEEDED", "server_error", "timeout",
              "timeout_error"},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kCodes.size(); ++i) {
    if (static_cast<std::size_t>(kCodes[i].kind) != i) return false;
  }
  return kCodes.size() == static_cast<std::size_t>(kTimeout) + 1;
}
static_assert(in_order(), "one row per ErrorKind, in the order of the enum");

}  // namespace

const ErrorCode& error_code(ErrorKind kind) { return kCodes[static_cast<std::size_t>(kind)]; }

}  // namespace wasat
