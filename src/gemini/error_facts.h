// What stands in a Google error body, read once into plain values.
//
// {"error":{code,message,status,details[]}}, the same inside an array, or
// something else entirely (a proxy's page, an empty body). Any thread.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/body.h"
#include "gemini/quota_time.h"

namespace wasat::gemini {

struct QuotaFailure;

struct QuotaViolation {
  std::string id;     // "GenerateRequestsPerDayPerProjectPerModel-FreeTier"
  std::string model;  // quotaDimensions.model
  std::string value;  // quotaValue: the limit; may be empty
};

struct ErrorFacts {
  bool google = false;  // the body had an error object in Google's form
  int code = 0;
  std::string message;               // as sent: redact before showing
  std::vector<std::string> reasons;  // ErrorInfo.reason
  std::vector<QuotaViolation> violations;
  std::optional<std::chrono::milliseconds> retry_delay;  // RetryInfo
  std::optional<std::chrono::milliseconds> reset_delay;  // ErrorInfo.metadata.quotaResetDelay
  std::optional<SystemTime> reset_time;                  // ErrorInfo.metadata.quotaResetTimeStamp
  std::string field;                                     // the first field violation
  std::string help_url;                                  // https only

  bool has_reason(std::string_view reason) const;
  // Whether the message begins with, or holds, these words; `words` is lower case.
  bool begins(std::string_view words) const;
  bool says(std::string_view words) const;
};

ErrorFacts read_error(PaddedView body);

// How long a 429 with these facts lasts. Day beats minute when both are
// violated, whatever the retry delay says: Google sends 36 s with daily quotas.
QuotaFailure quota_of(const ErrorFacts& facts, SystemTime now);

}  // namespace wasat::gemini
