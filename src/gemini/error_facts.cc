#include "gemini/error_facts.h"

#include <algorithm>

#include "gemini/errors.h"
#include "json/reader.h"

namespace wasat::gemini {
namespace {

constexpr std::size_t kMostDetails = 32;
constexpr std::size_t kLongestMessage = 8192;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

bool contains(std::string_view text, std::string_view lower_case_words) {
  return !std::ranges::search(text, lower_case_words, {}, lower).empty();
}

// google.rpc types are told apart by the end of "@type".
bool is_type(json::Value detail, std::string_view name) {
  const std::string_view type = detail["@type"].string_or("");
  return type.ends_with(name) && type.size() > name.size() &&
         type[type.size() - name.size() - 1] == '.';
}

void read_error_info(json::Value detail, ErrorFacts& facts) {
  if (const auto reason = detail["reason"].string()) facts.reasons.emplace_back(*reason);
  const json::Value metadata = detail["metadata"];
  if (const auto text = metadata["quotaResetDelay"].string()) {
    facts.reset_delay = parse_duration(*text);
  }
  if (const auto text = metadata["quotaResetTimeStamp"].string()) {
    facts.reset_time = parse_timestamp(*text);
  }
  if (const auto limit = metadata["quota_limit"].string()) {
    facts.violations.push_back({.id = std::string(*limit),
                                .model = {},
                                .value = std::string(metadata["quota_limit_value"].string_or(""))});
  }
  if (facts.help_url.empty()) facts.help_url = metadata["validation_link"].string_or("");
}

void read_quota_failure(json::Value detail, ErrorFacts& facts) {
  for (const json::Value violation : detail["violations"]) {
    if (facts.violations.size() >= kMostDetails) return;
    const json::Value value = violation["quotaValue"];
    facts.violations.push_back(
        {.id = std::string(violation["quotaId"].string_or("")),
         .model = std::string(violation["quotaDimensions"]["model"].string_or("")),
         .value = std::string(value.is_string() ? value.string_or("") : value.raw())});
  }
}

void read_detail(json::Value detail, ErrorFacts& facts) {
  if (is_type(detail, "ErrorInfo")) return read_error_info(detail, facts);
  if (is_type(detail, "QuotaFailure")) return read_quota_failure(detail, facts);
  if (is_type(detail, "RetryInfo")) {
    facts.retry_delay = parse_duration(detail["retryDelay"].string_or(""));
  } else if (is_type(detail, "BadRequest")) {
    for (const json::Value violation : detail["fieldViolations"]) {
      if (facts.field.empty()) facts.field = violation["field"].string_or("");
    }
  } else if (is_type(detail, "Help")) {
    for (const json::Value link : detail["links"]) {
      if (facts.help_url.empty()) facts.help_url = link["url"].string_or("");
    }
  }
}

// "limit: 0" and not "limit: 05", "limit: 0.5" or "limit: 01".
bool says_limit_zero(std::string_view message) {
  constexpr std::string_view kWords = "limit: 0";
  for (std::size_t at = message.find(kWords); at != std::string_view::npos;
       at = message.find(kWords, at + 1)) {
    const std::string_view rest = message.substr(at + kWords.size());
    const bool more =
        !rest.empty() && ((rest[0] >= '0' && rest[0] <= '9') ||
                          (rest[0] == '.' && rest.size() > 1 && rest[1] >= '0' && rest[1] <= '9'));
    if (!more) return true;
  }
  return false;
}

QuotaWindow window_of(const ErrorFacts& facts) {
  bool minute = false;
  bool day = facts.has_reason("QUOTA_EXHAUSTED");
  for (const QuotaViolation& violation : facts.violations) {
    if (violation.value == "0") return QuotaWindow::kNever;
    day = day || contains(violation.id, "perday") || contains(violation.id, "daily");
    minute = minute || contains(violation.id, "perminute");
  }
  if (says_limit_zero(facts.message)) return QuotaWindow::kNever;
  if (day) return QuotaWindow::kDay;
  if (minute || facts.has_reason("RATE_LIMIT_EXCEEDED")) return QuotaWindow::kMinute;
  return QuotaWindow::kUnknown;
}

// Most quotas count per project and model; only what says "project" and no
// model anywhere stands for the whole credential.
bool covers_whole_credential(const ErrorFacts& facts) {
  if (facts.has_reason("INSUFFICIENT_G1_CREDITS_BALANCE") || facts.says("prepayment credits") ||
      facts.says("spending cap")) {
    return true;
  }
  return !facts.violations.empty() && !facts.says("model: ") &&
         std::ranges::none_of(facts.violations, [](const QuotaViolation& violation) {
           return !violation.model.empty() || contains(violation.id, "permodel") ||
                  !contains(violation.id, "project");
         });
}

}  // namespace

bool ErrorFacts::has_reason(std::string_view reason) const {
  return std::ranges::find(reasons, reason) != reasons.end();
}

bool ErrorFacts::begins(std::string_view words) const {
  return contains(std::string_view(message).substr(0, words.size()), words);
}

bool ErrorFacts::says(std::string_view words) const { return contains(message, words); }

ErrorFacts read_error(PaddedView body) {
  ErrorFacts facts;
  json::Document document;
  const Result<json::Value> root = document.parse(body);
  if (!root) return facts;
  json::Value error = (*root)["error"];
  for (const json::Value element : *root) {
    if (root->is_array() && !error) error = element["error"];
  }
  if (error.is_string()) {  // {"error":"invalid_grant"}: an OAuth endpoint
    facts.message = error.string_or("").substr(0, kLongestMessage);
    return facts;
  }
  if (!error.is_object()) return facts;
  facts.google = true;
  facts.code =
      static_cast<int>(std::clamp<std::int64_t>(error["code"].integer().value_or(0), 0, 999));
  facts.message = error["message"].string_or("").substr(0, kLongestMessage);
  std::size_t count = 0;
  for (const json::Value detail : error["details"]) {
    if (++count <= kMostDetails) read_detail(detail, facts);
  }
  if (!facts.help_url.starts_with("https://")) facts.help_url.clear();
  return facts;
}

QuotaFailure quota_of(const ErrorFacts& facts, SystemTime now) {
  QuotaFailure quota;
  quota.window = window_of(facts);
  quota.whole_credential = covers_whole_credential(facts);
  for (const QuotaViolation& violation : facts.violations) {
    const bool decides = quota.window == QuotaWindow::kDay
                             ? contains(violation.id, "perday") || contains(violation.id, "daily")
                             : true;
    if (decides && quota.quota_id.empty()) quota.quota_id = violation.id;
  }

  // The moment at which the quota is there again, as opposed to a good time to try.
  std::optional<SystemTime> reset = facts.reset_time;
  if (!reset && facts.reset_delay) reset = now + *facts.reset_delay;
  if (!reset) {
    if (const auto delay = duration_after(facts.message, "quota will reset after")) {
      reset = now + *delay;
    }
  }
  std::optional<std::chrono::milliseconds> retry = facts.retry_delay;
  if (!retry) retry = duration_after(facts.message, "please retry in");

  switch (quota.window) {
    case QuotaWindow::kNever:
      quota.until = SystemTime::max();
      break;
    case QuotaWindow::kDay:
      quota.until = reset ? *reset : next_pacific_midnight(now);
      break;
    case QuotaWindow::kMinute:
      quota.until = retry ? now + *retry : reset ? *reset : now + std::chrono::seconds(60);
      break;
    case QuotaWindow::kUnknown:
      if (retry) {
        quota.until = now + *retry;
      } else if (reset) {
        quota.until = *reset;
      } else if (quota.whole_credential) {
        quota.until = now + std::chrono::hours(1);  // money is missing, not patience
      }
      break;
  }
  return quota;
}

}  // namespace wasat::gemini
