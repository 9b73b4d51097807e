// What a token may use, and how much of it. A plain value; any thread reads.
//
// Parsed from the JSON text that the store keeps with a token (store::Token::limits):
//
//   {"models": ["gemini-2.5-*"], "dialects": ["openai_chat"],
//    "requests_per_minute": 60, "requests_per_day": 1000,
//    "input_tokens_per_minute": 250000, "input_tokens_per_day": 5000000,
//    "concurrency": 4,
//    "dollars_per_day": 1.5, "dollars_per_month": 20, "dollars_total": 100,
//    "log_bodies": false}
//
// Every member may be missing or null: then it limits nothing. Days and months are
// those of UTC. What is counted, and how strictly: meter.h.

#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace wasat::account {

// Billionths of a dollar.
using Money = std::int64_t;
inline constexpr Money kDollar = 1'000'000'000;

struct Limits {
  // Globs over the names as they go upstream: behind aliases and derived suffixes.
  // Empty: every model.
  std::vector<std::string> models;
  // Names of dialects ("openai_chat", "live"). Empty: all.
  std::vector<std::string> dialects;
  // 0: no limit.
  std::int64_t requests_per_minute = 0;
  std::int64_t requests_per_day = 0;
  std::int64_t input_tokens_per_minute = 0;
  std::int64_t input_tokens_per_day = 0;
  std::int64_t concurrency = 0;  // requests at the same time
  Money cost_per_day = 0;
  Money cost_per_month = 0;
  Money cost_total = 0;
  bool log_bodies = false;  // the ledger keeps what is asked and answered

  // An empty text gives no limits. Errors: kInvalidRequest; `param` is the member that is
  // wrong ("requests_per_day"), or empty when the whole is no JSON object.
  static Result<Limits> parse(std::string_view json);
  // What parse() reads back; empty when nothing is limited.
  std::string text() const;

  bool allows_model(std::string_view upstream_name) const;
  bool allows_dialect(std::string_view name) const;
  // Something is counted: a Meter is needed.
  bool counts() const;
  bool has_budget() const { return cost_per_day > 0 || cost_per_month > 0 || cost_total > 0; }
  // What a request will take in matters before it is sent.
  bool needs_estimate() const {
    return input_tokens_per_minute > 0 || input_tokens_per_day > 0 || has_budget();
  }

  bool operator==(const Limits&) const = default;
};

// The names that Limits::dialects may hold.
std::span<const std::string_view> dialect_names();

}  // namespace wasat::account
