// What can go wrong on demand. One table: names, what they do, what they send.

#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "simulator/google_error.h"

namespace wasat::simulator {

enum class Fault : std::uint8_t {
  // Refusals with an error body.
  kQuotaMinute,
  kQuotaDay,
  kQuotaMulti,
  kQuotaZero,
  kQuotaBare,
  kQuotaRetry,
  kQuotaText,
  kQuotaPage,
  kInternal,
  kOverloaded,
  kDeadline,
  kBadGateway,
  kKeyInvalid,
  kKeyExpired,
  kKeySuspended,
  kKeyLeaked,
  kServiceDisabled,
  kLocation,
  kTooLong,
  kNoModel,
  kNoJsonSchema,
  // What happens to the connection or to the stream.
  kEarly,
  kClose,
  kCloseReused,
  kStall,
  kStallMid,
  kReset,
  kTorn,
  kErrorEvent,
  kBareError,
  kErrorInOk,
  kGarbage,
  kEmpty,
  kNoReason,
  kDrip,
  kSlow,
  kHuge,
  // What the model says.
  kBlocked,
  kSafety,
  kRecitation,
  kMaxTokens,
  kMalformedCall,
  kThoughtsOnly,
  // What happens to a Live session, beside refusals, kStall, kStallMid, kSlow and kReset.
  kLiveQuota,
  kLiveClose,
  kLiveGoAway,
};

struct FaultRow {
  Fault fault;
  std::string_view name;  // "quota-day"
  std::string_view does;  // one sentence
};
std::span<const FaultRow> faults();
std::string_view fault_name(Fault fault);
std::optional<Fault> find_fault(std::string_view name);
// The longest name of a fault that stands behind "sim-" in a key or a model.
std::optional<Fault> fault_in(std::string_view text);

// The refusal of a fault that is answered with one; code 0 for the others. A body
// that begins with '<' is a page.
GoogleError refusal_of(Fault fault, std::string_view model, std::string_view version);

}  // namespace wasat::simulator
