// The one table of metrics: docs/metrics.md and /metrics come from it.
//
// A metric is added by a row in metric_table.cc and a name here, in the same order.

#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"

namespace wasat::observe {

enum class Metric : std::uint8_t {
  kRequests,
  kRequestDuration,
  kTimeToFirstToken,
  kOverhead,
  kRequestsInFlight,
  kStreamsOpen,
  kClientConnections,
  kUpstreamAttempts,
  kUpstreamRetries,
  kUpstreamConnections,
  kLiveSessions,
  kLiveFrames,
  kLiveBytes,
  kTokens,
  kCredentials,
  kCredentialCooldowns,
  kRelayNodes,
  kRelayRequests,
  kRelayJoins,
  kRelayMessages,
  kRelayBytes,
  kRelayMisunderstood,
  kRelayTooSlow,
  kStoreDropped,
  kStoreHealthy,
  kLedgerHealthy,
  kLedgerDropped,
  kUnpriced,
  kLedgerWaiting,
  kLedgerBytes,
  kLogDropped,
  kConfigReloads,
  kConfigReloadTime,
  kBuildInfo,
  kProcessStartTime,
  kProcessCpu,
  kProcessMemory,
  kProcessFiles,
  kProcessFilesMax,
};
inline constexpr std::size_t kMetricCount = static_cast<std::size_t>(Metric::kProcessFilesMax) + 1;

enum class MetricType : std::uint8_t { kCounter, kGauge, kHistogram };

// A label has a bounded list of values, written down in metric_table.cc, but for
// models and pools, which composition lists, and the version.
enum class Label : std::uint8_t {
  kNone,
  kDialect,
  kModel,
  kOutcome,
  kPool,
  kPhase,
  kReason,
  kConnectionState,
  kCredentialState,
  kTokenType,
  kDirection,
  kReload,
  kVersion,
};
inline constexpr std::size_t kLabelCount = static_cast<std::size_t>(Label::kVersion) + 1;

// Upper bounds in seconds. kDuration is OpenTelemetry's for the duration of a
// generative call, doubling from 10 ms; kOverhead is the same from 10 µs.
enum class Buckets : std::uint8_t { kNone, kDuration, kOverhead };
inline constexpr std::size_t kBucketCount = 14;  // and one without bound
const std::array<double, kBucketCount>& bucket_bounds(Buckets buckets);

inline constexpr std::size_t kMaxLabels = 3;

struct MetricRow {
  Metric metric;
  std::string_view name;
  MetricType type;
  std::string_view help;
  std::array<Label, kMaxLabels> labels{};
  Buckets buckets = Buckets::kNone;
  // Given at the time of scraping by who knows it, not counted by workers.
  bool collected = false;
};

std::span<const MetricRow> metric_table();
const MetricRow& metric_row(Metric metric);
std::string_view label_name(Label label);
// The fixed values of a label; empty when composition or the program gives them.
std::span<const std::string_view> fixed_values(Label label);

// The position of a value in fixed_values(); the last one, "other", if it is none.
std::uint16_t label_value(Label label, std::string_view value);

// Where Label::kOutcome stands among the labels of kRequests.
inline constexpr std::size_t kOutcomePlace = 2;
// Of Label::kOutcome: an answer without error, or why there was none.
inline constexpr std::uint16_t kOutcomeOk = 0;
inline std::uint16_t outcome_value(ErrorKind kind) {
  return static_cast<std::uint16_t>(1 + static_cast<std::uint16_t>(kind));
}

// Of Label::kPhase: where Wasat's own time goes.
enum class Phase : std::uint16_t { kBeforeUpstream, kFirstChunk };
// Of Label::kTokenType.
enum class TokenType : std::uint16_t { kInput, kOutput, kCached, kReasoning };

// Of Label::kDirection: from the client to the upstream, and back.
enum class Direction : std::uint16_t { kUp, kDown };

// docs/metrics.md.
std::string metrics_markdown();

}  // namespace wasat::observe
