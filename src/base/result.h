// What can be expected to fail, as values.
//
// An Error says what happened (kind), whose doing it was (source) and what
// trying again could bring (retry); the caller switches on it and never on
// text. Errors are plain values: copy, move and send them between threads.

#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace wasat {

// What happened. One row each in base/error_codes.cc, from which HTTP status,
// Google's canonical status and every dialect's code are made.
enum class ErrorKind : std::uint8_t {
  kInvalidRequest,      // 400: the client's bytes are not what its dialect allows
  kUnsupported,         // 400: valid, but nothing that Gemini or this build can carry
  kContextTooLong,      // 400: more input tokens than the model takes
  kContentBlocked,      // 400: the upstream's policy refused the prompt
  kUnauthenticated,     // 401: no token, or an unknown one
  kPermissionDenied,    // 403: a known token that may not do this
  kNotFound,            // 404: no such path or resource
  kModelNotFound,       // 404: no such model
  kMethodNotAllowed,    // 405
  kTooLarge,            // 413: body or head above its bound
  kUnsupportedMedia,    // 415: content type or coding
  kRateLimited,         // 429: the pool or the token's limits are exhausted for now
  kQuotaExhausted,      // 429: exhausted for longer than a client should wait
  kCancelled,           // 499: the client left
  kInternal,            // 500: our own fault
  kUpstreamFailed,      // 502: the upstream broke off or answered nonsense
  kCredentialRejected,  // 502: the upstream refused the credential itself
  kEmptyAnswer,         // 502: the upstream answered with nothing
  kNoCredential,        // 503: the pool holds none that could serve this
  kUnavailable,         // 503: overloaded or draining
  kTimeout,             // 504: a deadline passed
};

enum class ErrorSource : std::uint8_t { kClient, kUpstream, kInternal };

// What could help: nothing, the same credential once more, or another one.
enum class Retry : std::uint8_t { kNever, kSameCredential, kNextCredential };

struct Error {
  ErrorKind kind = ErrorKind::kInternal;
  ErrorSource source = ErrorSource::kInternal;
  Retry retry = Retry::kNever;
  // The HTTP status that the upstream gave, 0 if none.
  int status = 0;
  // For people, in English: what happened, why, what to do next. No secrets.
  std::string detail;
  // The name of the request field that is wrong ("messages[2].content"), or empty.
  std::string param;
  // When trying again makes sense.
  std::optional<std::chrono::milliseconds> retry_after;
  // Google's name of the status where it is not the kind's own: a literal, or empty.
  std::string_view canonical;
};

template <class T = void>
using Result = std::expected<T, Error>;

// return fail(client_error(ErrorKind::kInvalidRequest, "..."));
inline std::unexpected<Error> fail(Error error) { return std::unexpected<Error>(std::move(error)); }

inline Error client_error(ErrorKind kind, std::string detail, std::string param = {}) {
  return {.kind = kind,
          .source = ErrorSource::kClient,
          .retry = Retry::kNever,
          .detail = std::move(detail),
          .param = std::move(param)};
}

inline Error upstream_error(ErrorKind kind, Retry retry, std::string detail) {
  return {
      .kind = kind, .source = ErrorSource::kUpstream, .retry = retry, .detail = std::move(detail)};
}

inline Error internal_error(std::string detail, ErrorKind kind = ErrorKind::kInternal) {
  return {.kind = kind, .source = ErrorSource::kInternal, .detail = std::move(detail)};
}

// One row of the table of error codes.
struct ErrorCode {
  ErrorKind kind;
  std::string_view name;            // snake_case, for logs and metrics: "rate_limited"
  int status;                       // the HTTP status a client gets
  std::string_view canonical;       // google.rpc.Code name: "RESOURCE_EXHAUSTED"
  std::string_view openai_type;     // "rate_limit_exceeded"
  std::string_view openai_code;     // empty: null in the body
  std::string_view anthropic_type;  // "rate_limit_error"
};

const ErrorCode& error_code(ErrorKind kind);

}  // namespace wasat
