// What an upstream refusal means: for the client, for the exchange, and for the
// credential that was used.
//
// classify() is a pure function of the answer and the time. The exchange looks
// at error.retry, the pool at the rest.

#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/body.h"
#include "base/result.h"
#include "gemini/quota_time.h"

namespace wasat::gemini {

// Whose failing this is. Statistics of a credential count kCredential only.
enum class Blame : std::uint8_t { kNobody, kModel, kCredential };

enum class QuotaWindow : std::uint8_t {
  kUnknown,  // a bare 429, or a delay without a quota
  kMinute,
  kDay,
  kNever,  // the limit is 0: this credential does not have this model at all
};

// How long to leave the credential alone, and for what.
struct QuotaFailure {
  QuotaWindow window = QuotaWindow::kUnknown;
  bool whole_credential = false;  // else this credential with this model
  // nullopt: the upstream did not say; the pool chooses a short, growing pause.
  // SystemTime::max(): until the operator changes something.
  std::optional<SystemTime> until;
  std::string quota_id;  // as Google names it; for logs and the console
};

// Why a credential must not be used any more until a person acts.
enum class Defect : std::uint8_t {
  kInvalid,             // no such key, or a session that is not accepted
  kExpired,             // the key's time has run out
  kSuspended,           // Google suspended the project
  kLeaked,              // Google found the key in public
  kTermsViolation,      // banned; quarantine it, and let no other credential follow
  kServiceDisabled,     // the API is not enabled in the project
  kRestricted,          // the key's own restrictions (referrer, address, API) forbid this use
  kBilling,             // the project must enable or pay its billing
  kValidationRequired,  // the account's owner must confirm something
};
std::string_view defect_name(Defect defect);    // "leaked"
std::string_view defect_action(Defect defect);  // what a person should do, one sentence

// What of the request itself, sent otherwise, would please the upstream.
enum class Remedy : std::uint8_t {
  kNone,
  kWithoutSignatures,  // a thought signature is missing or not its own
  kWithoutOptions,     // the model takes no penalties, log probabilities, several candidates
  kOpenApiSchemas,     // a schema is refused as JSON Schema: OpenAPI's subset may pass
  kBetaVersion,        // the model is not in this version of the API
};

struct Failure {
  Error error;
  Blame blame = Blame::kNobody;
  std::optional<QuotaFailure> quota;
  std::optional<Defect> defect;
  Remedy remedy = Remedy::kNone;
  std::string help_url;  // where a person can act, if the upstream named a place
};

struct Refusal {
  int status = 0;                // HTTP; of an error object inside a 200: 200
  PaddedView body;               // as much as was read; may be no JSON at all
  std::string_view retry_after;  // the header's value, or empty
  SystemTime now;
};

Failure classify(const Refusal& refusal);

// The same for a Live session that the upstream closes. The code tells little (1011 is
// an exhausted quota as well as a failure of the server's), the reason is Google's text.
Failure classify_close(std::uint16_t code, std::string_view reason, SystemTime now);

}  // namespace wasat::gemini
