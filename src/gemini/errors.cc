#include "gemini/errors.h"

#include <algorithm>
#include <array>

#include "gemini/error_facts.h"
#include "gemini/redact.h"

namespace wasat::gemini {
namespace {

using std::chrono::milliseconds;
using enum ErrorKind;

struct DefectRow {
  Defect defect;
  std::string_view name;
  std::string_view action;
};
constexpr std::array kDefects = {
    DefectRow{Defect::kInvalid, "invalid", "Replace the key: Google does not know it."},
    DefectRow{Defect::kExpired, "expired", "Renew the key: it has expired."},
    DefectRow{Defect::kSuspended, "suspended",
              "Google suspended the project: see its notices in the Google Cloud console."},
    DefectRow{Defect::kLeaked, "leaked",
              "Google found this key in public and blocked it: make a new one and delete this."},
    DefectRow{Defect::kTermsViolation, "terms_violation",
              "Google reports a violation of its terms: appeal with Google, do not reuse it."},
    DefectRow{Defect::kServiceDisabled, "service_disabled",
              "Enable the Generative Language API in the key's project."},
    DefectRow{Defect::kRestricted, "restricted",
              "Lift the key's restrictions (referrer, address, API) for this server."},
    DefectRow{Defect::kBilling, "billing", "Enable billing, or add credit, in the key's project."},
    DefectRow{Defect::kValidationRequired, "validation_required",
              "The account's owner must complete Google's validation."},
};

const DefectRow& row_of(Defect defect) { return kDefects[static_cast<std::size_t>(defect)]; }

constexpr bool in_order() {
  for (std::size_t i = 0; i < kDefects.size(); ++i) {
    if (static_cast<std::size_t>(kDefects[i].defect) != i) return false;
  }
  return kDefects.size() == static_cast<std::size_t>(Defect::kValidationRequired) + 1;
}
static_assert(in_order(), "one row per Defect, in the order of the enum");

// What Google says about the credential itself: by ErrorInfo's reason, or by how
// the message begins. Only the beginning counts, since messages also quote the
// client, who must not be able to talk a credential out of service. The first
// row that matches decides.
struct CredentialRow {
  Defect defect;
  std::string_view reason;
  std::string_view opening;  // lower case
};
constexpr std::array kCredentialRows = {
    // The reason of an expired key is API_KEY_INVALID as well.
    CredentialRow{Defect::kExpired, "", "api key expired"},
    CredentialRow{Defect::kInvalid, "API_KEY_INVALID", "api key not valid"},
    CredentialRow{Defect::kInvalid, "", "api key not found"},
    CredentialRow{Defect::kInvalid, "ACCESS_TOKEN_EXPIRED", "request had invalid authentication"},
    CredentialRow{Defect::kInvalid, "CREDENTIALS_MISSING", "method doesn't allow unregistered"},
    CredentialRow{Defect::kInvalid, "CONSUMER_INVALID", ""},
    CredentialRow{Defect::kTermsViolation, "TOS_VIOLATION",
                  "this service has been disabled in this account for violation"},
    CredentialRow{Defect::kLeaked, "", "your api key was reported as leaked"},
    CredentialRow{Defect::kSuspended, "CONSUMER_SUSPENDED", "permission denied: consumer"},
    CredentialRow{Defect::kValidationRequired, "VALIDATION_REQUIRED", "verify your account"},
    CredentialRow{Defect::kServiceDisabled, "SERVICE_DISABLED", "generative language api has not"},
    CredentialRow{Defect::kRestricted, "API_KEY_SERVICE_BLOCKED", "requests to this api"},
    CredentialRow{Defect::kRestricted, "API_KEY_HTTP_REFERRER_BLOCKED", "requests from referer"},
    CredentialRow{Defect::kRestricted, "API_KEY_IP_ADDRESS_BLOCKED",
                  "the provided api key has an ip address restriction"},
    CredentialRow{Defect::kRestricted, "API_KEY_ANDROID_APP_BLOCKED", "requests from this android"},
    CredentialRow{Defect::kRestricted, "API_KEY_IOS_APP_BLOCKED", "requests from this ios"},
    CredentialRow{Defect::kBilling, "BILLING_DISABLED", "this api method requires billing"},
    CredentialRow{Defect::kBilling, "", "gemini api free tier is not available"},
};

Failure make(ErrorKind kind, Retry retry, Blame blame, std::string detail) {
  Failure failure;
  failure.error = upstream_error(kind, retry, std::move(detail));
  failure.blame = blame;
  return failure;
}

// The client's request, and not the way it was sent: nobody else would do better.
Failure clients_fault(ErrorKind kind, const ErrorFacts& facts) {
  Failure failure = make(kind, Retry::kNever, Blame::kNobody, redacted(facts.message));
  failure.error.source = ErrorSource::kClient;
  failure.error.param = redacted(facts.field, 256);
  return failure;
}

std::optional<Defect> defect_of(int status, const ErrorFacts& facts) {
  for (const CredentialRow& row : kCredentialRows) {
    if (!row.reason.empty() && facts.has_reason(row.reason)) return row.defect;
    if (!row.opening.empty() && status < 500 && facts.begins(row.opening)) return row.defect;
  }
  if (status == 401) return Defect::kInvalid;
  if (status == 402) return Defect::kBilling;
  return std::nullopt;
}

Failure credential_refused(Defect defect, const ErrorFacts& facts) {
  Failure failure =
      make(kCredentialRejected,
           defect == Defect::kTermsViolation ? Retry::kNever : Retry::kNextCredential,
           Blame::kCredential, "The upstream refused the credential: " + redacted(facts.message));
  failure.defect = defect;
  failure.help_url = facts.help_url;
  return failure;
}

Failure wrong_place(const ErrorFacts& facts) {
  // Another credential may leave by another way.
  return make(kUpstreamFailed, Retry::kNextCredential, Blame::kNobody,
              "Google does not serve the place that this server's requests come from; set "
              "PROXY_URL to leave from elsewhere. " +
                  redacted(facts.message));
}

Remedy remedy_for(const ErrorFacts& facts) {
  // "Function call is missing a thought_signature in functionCall parts.",
  // "Corrupted thought signature.", "Thought signature is not valid."
  if (facts.says("thought_signature") || facts.says("thought signature")) {
    return Remedy::kWithoutSignatures;
  }
  // "Penalty is not enabled for models/x", "Logprobs is not enabled for models/x",
  // "Only one candidate can be specified in the current model"
  const bool option = facts.says("penalty") || facts.says("logprobs") || facts.says("candidate");
  if (option && (facts.says("not enabled") || facts.says("not supported") ||
                 facts.says("only one candidate"))) {
    return Remedy::kWithoutOptions;
  }
  // "Unknown name \"parametersJsonSchema\" at ...", "... schema ... is not supported"
  if (facts.says("schema")) return Remedy::kOpenApiSchemas;
  return Remedy::kNone;
}

Failure bad_request(const ErrorFacts& facts) {
  if (facts.begins("user location is not supported")) return wrong_place(facts);
  if (facts.says("exceeds the maximum number of tokens") ||
      facts.says("input context is too long") || facts.says("exceeds the context") ||
      facts.says("input token count")) {
    return clients_fault(kContextTooLong, facts);
  }
  if (facts.says("request payload size exceeds")) return clients_fault(kTooLarge, facts);
  if (facts.says("responsible ai practices") || facts.says("prompt was blocked")) {
    return clients_fault(kContentBlocked, facts);
  }
  Failure failure = clients_fault(kInvalidRequest, facts);
  failure.remedy = remedy_for(facts);
  return failure;
}

Failure forbidden(const ErrorFacts& facts, SystemTime now) {
  if (facts.begins("user location is not supported")) return wrong_place(facts);
  Failure failure =
      make(kPermissionDenied, Retry::kNextCredential, Blame::kNobody, redacted(facts.message));
  // A file or cache of another project says nothing against this credential.
  const bool resource = facts.says("file") || facts.says("cached") || facts.says("tuned") ||
                        facts.says("corpus") || facts.says("store");
  if (!resource) {
    failure.blame = Blame::kCredential;
    failure.quota = QuotaFailure{.until = now + std::chrono::minutes(30)};
  }
  return failure;
}

Failure not_found(const ErrorFacts& facts, SystemTime now) {
  if (facts.says("no longer available to new users")) {
    Failure failure =
        make(kModelNotFound, Retry::kNextCredential, Blame::kNobody, redacted(facts.message));
    failure.quota = QuotaFailure{.until = now + std::chrono::hours(12)};
    return failure;
  }
  const bool model =
      facts.says("is not found for api version") || facts.says("is not supported for") ||
      (facts.says("model") && (facts.says("not found") || facts.says("no longer available")));
  Failure failure = clients_fault(model ? kModelNotFound : kNotFound, facts);
  if (facts.says("for api version v1,")) failure.remedy = Remedy::kBetaVersion;
  return failure;
}

Failure quota_exceeded(const ErrorFacts& facts, const Refusal& refusal) {
  if (!facts.google) {
    // A page and no Google error: the address is limited, not the credential.
    Failure failure = make(kRateLimited, Retry::kNextCredential, Blame::kNobody,
                           "The upstream limits requests from this server's address.");
    failure.error.retry_after = parse_duration(std::string(refusal.retry_after).append("s"));
    return failure;
  }
  if (facts.has_reason("MODEL_CAPACITY_EXHAUSTED") || facts.has_reason("MODEL_CAPACITY_EXCEEDED")) {
    Failure failure =
        make(kRateLimited, Retry::kNextCredential, Blame::kModel, redacted(facts.message));
    failure.error.retry_after = facts.retry_delay;
    return failure;
  }
  QuotaFailure quota = quota_of(facts, refusal.now);
  const bool long_lasting =
      quota.window == QuotaWindow::kDay || quota.window == QuotaWindow::kNever;
  Failure failure = make(long_lasting ? kQuotaExhausted : kRateLimited, Retry::kNextCredential,
                         Blame::kNobody, redacted(facts.message));
  if (!quota.until && !refusal.retry_after.empty()) {
    if (const auto delay = parse_duration(std::string(refusal.retry_after).append("s"))) {
      quota.until = refusal.now + *delay;
    }
  }
  if (quota.until && *quota.until != SystemTime::max()) {
    failure.error.retry_after =
        std::max(milliseconds(0), std::chrono::ceil<milliseconds>(*quota.until - refusal.now));
  }
  failure.quota = std::move(quota);
  return failure;
}

Failure by_status(int status, const ErrorFacts& facts, const Refusal& refusal) {
  const auto transient = [&](ErrorKind kind, Blame blame) {
    return make(kind, Retry::kNextCredential, blame,
                facts.message.empty()
                    ? "The upstream failed with status " + std::to_string(status) + "."
                    : redacted(facts.message));
  };
  // What no Google front wrote is no judgement on the request or the credential.
  if (!facts.google && status != 429) {
    if (status == 413) return clients_fault(kTooLarge, facts);
    return transient(status == 503   ? kUnavailable
                     : status == 504 ? kTimeout
                                     : kUpstreamFailed,
                     Blame::kNobody);
  }
  switch (status) {
    case 400:
      return bad_request(facts);
    case 403:
      return forbidden(facts, refusal.now);
    case 404:
      return not_found(facts, refusal.now);
    case 413:
      return clients_fault(kTooLarge, facts);
    case 429:
      return quota_exceeded(facts, refusal);
    case 503:
      return transient(kUnavailable, Blame::kModel);
    case 504:
      return transient(kTimeout, Blame::kModel);
    default:
      return transient(kUpstreamFailed, Blame::kNobody);
  }
}

}  // namespace

std::string_view defect_name(Defect defect) { return row_of(defect).name; }
std::string_view defect_action(Defect defect) { return row_of(defect).action; }

Failure classify(const Refusal& refusal) {
  const ErrorFacts facts = read_error(refusal.body);
  const int status = refusal.status >= 400 ? refusal.status : facts.code;
  const std::optional<Defect> defect = facts.google ? defect_of(status, facts) : std::nullopt;
  Failure failure = defect ? credential_refused(*defect, facts) : by_status(status, facts, refusal);
  failure.error.status = status;
  return failure;
}

Failure classify_close(std::uint16_t code, std::string_view reason, SystemTime now) {
  ErrorFacts facts;
  facts.google = true;
  facts.message = reason;
  int status = 500;
  if (facts.says("quota") || facts.says("resource has been exhausted") ||
      facts.says("rate limit")) {
    status = 429;
  } else if (facts.says("overloaded") || facts.says("unavailable") || code == 1013) {
    status = 503;
  } else if (facts.says("deadline") || facts.says("timed out")) {
    status = 504;
  } else if (facts.says("not found") || facts.says("is not supported for")) {
    status = 404;
  } else if (facts.says("permission")) {
    status = 403;
  } else if (code == 1003 || (code >= 1007 && code <= 1009)) {
    status = 400;
  }
  const std::optional<Defect> defect = defect_of(status, facts);
  const Refusal refusal{.status = status, .body = {}, .retry_after = {}, .now = now};
  Failure failure = defect ? credential_refused(*defect, facts) : by_status(status, facts, refusal);
  failure.error.status = status;
  return failure;
}

}  // namespace wasat::gemini
