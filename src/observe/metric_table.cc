#include "observe/metric_table.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

namespace wasat::observe {
namespace {

using enum MetricType;

constexpr std::array kTable = {
    MetricRow{Metric::kRequests,
              "wasat_requests_total",
              kCounter,
              "Exchanges with clients that have ended.",
              {Label::kDialect, Label::kModel, Label::kOutcome}},
    MetricRow{Metric::kRequestDuration,
              "wasat_request_duration_seconds",
              kHistogram,
              "Time from a request's first byte to its answer's last.",
              {Label::kDialect, Label::kOutcome},
              Buckets::kDuration},
    MetricRow{Metric::kTimeToFirstToken,
              "wasat_time_to_first_token_seconds",
              kHistogram,
              "Time from a request's first byte to the first chunk with content.",
              {Label::kDialect, Label::kModel},
              Buckets::kDuration},
    MetricRow{Metric::kOverhead,
              "wasat_overhead_seconds",
              kHistogram,
              "Wasat's own time: what it adds to the upstream's.",
              {Label::kPhase},
              Buckets::kOverhead},
    MetricRow{Metric::kRequestsInFlight,
              "wasat_requests_in_flight",
              kGauge,
              "Exchanges that are going on.",
              {Label::kDialect}},
    MetricRow{Metric::kStreamsOpen, "wasat_streams_open", kGauge,
              "Streamed answers that are going on."},
    MetricRow{Metric::kClientConnections, "wasat_client_connections", kGauge,
              "Open connections of clients."},
    MetricRow{Metric::kUpstreamAttempts,
              "wasat_upstream_attempts_total",
              kCounter,
              "Attempts of calls on one credential.",
              {Label::kPool, Label::kOutcome}},
    MetricRow{Metric::kUpstreamRetries,
              "wasat_upstream_retries_total",
              kCounter,
              "Attempts that followed a failed one, by why that failed.",
              {Label::kReason}},
    MetricRow{Metric::kUpstreamConnections,
              "wasat_upstream_connections",
              kGauge,
              "Connections to the upstream.",
              {Label::kPool, Label::kConnectionState}},
    MetricRow{Metric::kLiveSessions, "wasat_live_sessions", kGauge,
              "Live sessions that are going on."},
    MetricRow{Metric::kLiveFrames,
              "wasat_live_frames_total",
              kCounter,
              "Frames of Live sessions that have ended.",
              {Label::kDirection}},
    MetricRow{Metric::kLiveBytes,
              "wasat_live_bytes_total",
              kCounter,
              "Bytes in frames of Live sessions that have ended.",
              {Label::kDirection}},
    MetricRow{Metric::kTokens,
              "wasat_tokens_total",
              kCounter,
              "Tokens of models, as the upstream counted them.",
              {Label::kModel, Label::kTokenType}},
    MetricRow{Metric::kCredentials,
              "wasat_credentials",
              kGauge,
              "Credentials by what they can do now.",
              {Label::kPool, Label::kCredentialState},
              Buckets::kNone,
              true},
    MetricRow{Metric::kCredentialCooldowns,
              "wasat_credential_cooldowns_total",
              kCounter,
              "Times that a credential was given a rest.",
              {Label::kPool, Label::kReason}},
    MetricRow{Metric::kRelayNodes,
              "wasat_relay_nodes",
              kGauge,
              "Relay nodes that are connected.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kRelayRequests,
              "wasat_relay_requests_in_flight",
              kGauge,
              "Requests that relay nodes have.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kRelayJoins,
              "wasat_relay_joins_total",
              kCounter,
              "Times that a relay node has connected.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kRelayMessages,
              "wasat_relay_messages_total",
              kCounter,
              "Messages of relay nodes; up: to them.",
              {Label::kDirection},
              Buckets::kNone,
              true},
    MetricRow{Metric::kRelayBytes,
              "wasat_relay_bytes_total",
              kCounter,
              "Bytes in messages of relay nodes; up: to them.",
              {Label::kDirection},
              Buckets::kNone,
              true},
    MetricRow{Metric::kRelayMisunderstood,
              "wasat_relay_misunderstood_total",
              kCounter,
              "Messages of relay nodes that could not be understood.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kRelayTooSlow,
              "wasat_relay_streams_dropped_total",
              kCounter,
              "Answers of relay nodes that failed since their clients read too slowly.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kStoreDropped,
              "wasat_store_dropped_total",
              kCounter,
              "Notes to the store that did not fit its queue or failed.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kStoreHealthy,
              "wasat_store_healthy",
              kGauge,
              "1: the last write to the store succeeded. 0: Wasat goes on from memory.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kLedgerHealthy,
              "wasat_ledger_healthy",
              kGauge,
              "1: the last write to the ledger succeeded. 0: entries wait in memory.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kLedgerDropped,
              "wasat_ledger_dropped_total",
              kCounter,
              "Entries of the ledger that did not fit and were lost.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kUnpriced,
              "wasat_unpriced_exchanges_total",
              kCounter,
              "Exchanges with models that have no price: their cost was counted as nothing.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kLedgerWaiting,
              "wasat_ledger_waiting",
              kGauge,
              "Entries of the ledger that are not on disk yet.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kLedgerBytes,
              "wasat_ledger_bytes",
              kGauge,
              "What the ledger takes on disk.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kLogDropped,
              "wasat_log_dropped_total",
              kCounter,
              "Exchange log lines that did not fit their buffer or failed.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kConfigReloads,
              "wasat_config_reloads_total",
              kCounter,
              "Times that the configuration was read again.",
              {Label::kReload},
              Buckets::kNone,
              true},
    MetricRow{Metric::kConfigReloadTime,
              "wasat_config_last_reload_success_timestamp_seconds",
              kGauge,
              "When the configuration was last read successfully.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kBuildInfo,
              "wasat_build_info",
              kGauge,
              "Always 1; says what runs.",
              {Label::kVersion},
              Buckets::kNone,
              true},
    MetricRow{Metric::kProcessStartTime,
              "process_start_time_seconds",
              kGauge,
              "When the process started.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kProcessCpu,
              "process_cpu_seconds_total",
              kCounter,
              "Processor time of the process.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kProcessMemory,
              "process_resident_memory_bytes",
              kGauge,
              "Resident memory of the process.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kProcessFiles,
              "process_open_fds",
              kGauge,
              "Open file descriptors.",
              {},
              Buckets::kNone,
              true},
    MetricRow{Metric::kProcessFilesMax,
              "process_max_fds",
              kGauge,
              "The most file descriptors that may be open.",
              {},
              Buckets::kNone,
              true},
};

constexpr bool in_order() {
  for (std::size_t i = 0; i < kTable.size(); ++i) {
    if (static_cast<std::size_t>(kTable[i].metric) != i) return false;
  }
  return kTable.size() == kMetricCount;
}
static_assert(in_order(), "one row per Metric, in the order of the enum");

constexpr std::array<std::string_view, 8> kDialects = {
    "gemini", "openai_chat", "openai_responses", "anthropic", "live", "openai_media",
    "none",   "other"};
constexpr std::array<std::string_view, 2> kPhases = {"before_upstream", "first_chunk"};
constexpr std::array<std::string_view, 2> kConnectionStates = {"active", "idle"};
constexpr std::array<std::string_view, 4> kCredentialStates = {"ready", "cooling", "disabled",
                                                               "needs_person"};
constexpr std::array<std::string_view, 4> kTokenTypes = {"input", "output", "cached", "reasoning"};
constexpr std::array<std::string_view, 2> kDirections = {"up", "down"};
constexpr std::array<std::string_view, 2> kReloads = {"success", "failure"};

constexpr std::size_t kErrorKinds = static_cast<std::size_t>(ErrorKind::kTimeout) + 1;

// "ok" and the names of the error codes.
const std::array<std::string_view, 1 + kErrorKinds>& outcomes() {
  static const auto all = [] {
    std::array<std::string_view, 1 + kErrorKinds> names{"ok"};
    for (std::size_t i = 0; i < kErrorKinds; ++i) {
      names[1 + i] = error_code(static_cast<ErrorKind>(i)).name;
    }
    return names;
  }();
  return all;
}

constexpr std::array<double, kBucketCount> doubling_from(double first) {
  std::array<double, kBucketCount> bounds{};
  for (double& bound : bounds) {
    bound = first;
    first *= 2;
  }
  return bounds;
}
constexpr auto kDurationBounds = doubling_from(0.01);
constexpr auto kOverheadBounds = doubling_from(0.00001);

std::string_view type_name(MetricType type) {
  switch (type) {
    case kCounter:
      return "counter";
    case kGauge:
      return "gauge";
    case kHistogram:
      return "histogram";
  }
  return "untyped";
}

}  // namespace

std::span<const MetricRow> metric_table() { return kTable; }

const MetricRow& metric_row(Metric metric) { return kTable[static_cast<std::size_t>(metric)]; }

const std::array<double, kBucketCount>& bucket_bounds(Buckets buckets) {
  return buckets == Buckets::kOverhead ? kOverheadBounds : kDurationBounds;
}

std::string_view label_name(Label label) {
  switch (label) {
    case Label::kNone:
      return "";
    case Label::kDialect:
      return "dialect";
    case Label::kModel:
      return "model";
    case Label::kOutcome:
      return "outcome";
    case Label::kPool:
      return "pool";
    case Label::kPhase:
      return "phase";
    case Label::kReason:
      return "reason";
    case Label::kConnectionState:
    case Label::kCredentialState:
      return "state";
    case Label::kTokenType:
      return "type";
    case Label::kDirection:
      return "direction";
    case Label::kReload:
      return "outcome";
    case Label::kVersion:
      return "version";
  }
  return "";
}

std::span<const std::string_view> fixed_values(Label label) {
  switch (label) {
    case Label::kDialect:
      return kDialects;
    case Label::kOutcome:
    case Label::kReason:
      return outcomes();
    case Label::kPhase:
      return kPhases;
    case Label::kConnectionState:
      return kConnectionStates;
    case Label::kCredentialState:
      return kCredentialStates;
    case Label::kTokenType:
      return kTokenTypes;
    case Label::kDirection:
      return kDirections;
    case Label::kReload:
      return kReloads;
    case Label::kNone:
    case Label::kModel:
    case Label::kPool:
    case Label::kVersion:
      return {};
  }
  return {};
}

std::uint16_t label_value(Label label, std::string_view value) {
  const auto values = fixed_values(label);
  const auto found = std::ranges::find(values, value);
  const auto index =
      found == values.end() ? values.size() - 1 : static_cast<std::size_t>(found - values.begin());
  return static_cast<std::uint16_t>(index);
}

std::string metrics_markdown() {
  std::string text =
      "# Metrics\n\n"
      "`GET /metrics` gives them in Prometheus' text format 0.0.4, to an admin or with the "
      "metrics\n"
      "token, or to anybody when Wasat listens on a loopback address only. This page is made from\n"
      "the table in `src/observe/metric_table.cc`.\n\n"
      "| metric | type | labels | what it is |\n|---|---|---|---|\n";
  for (const MetricRow& row : kTable) {
    std::string labels;
    for (const Label label : row.labels) {
      if (label == Label::kNone) continue;
      if (!labels.empty()) labels.append(", ");
      labels.append("`").append(label_name(label)).append("`");
    }
    text.append("| `").append(row.name).append("` | ").append(type_name(row.type));
    text.append(" | ").append(labels).append(" | ").append(row.help).append(" |\n");
  }
  text.append("\n## Labels\n\nEvery label has a bounded list of values.\n\n");
  const auto describe = [&](std::string_view name, Label label) {
    text.append("- ").append(name).append(": ");
    std::string_view separator;
    for (const std::string_view value : fixed_values(label)) {
      text.append(separator).append("`").append(value).append("`");
      separator = ", ";
    }
    text.append("\n");
  };
  describe("`dialect`", Label::kDialect);
  describe("`outcome`", Label::kOutcome);
  text.append("- `reason`: an outcome that is not `ok`\n");
  text.append("- `model`: a model that Wasat lists, at most 64, else `other`\n");
  text.append("- `pool`: the provider of its credentials, such as `api_key`\n");
  describe("`phase`", Label::kPhase);
  describe("`type`", Label::kTokenType);
  describe("`direction`", Label::kDirection);
  describe("`state` of a connection", Label::kConnectionState);
  describe("`state` of a credential", Label::kCredentialState);
  describe("`outcome` of a reload", Label::kReload);
  text.append("- `version`: of the program\n");
  text.append(
      "\n## Buckets\n\n"
      "Durations double from 0.01 s to 81.92 s, as OpenTelemetry's do; `wasat_overhead_seconds`\n"
      "doubles from 10 µs to 81.92 ms.\n");
  return text;
}

}  // namespace wasat::observe
