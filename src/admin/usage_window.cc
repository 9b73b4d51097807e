#include "admin/usage_window.h"

#include <algorithm>
#include <array>

namespace wasat::admin {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using store::UsageKey;
using store::UsageStep;

constexpr std::array kWindows = {
    UsageWindow{.name = "1m", .length = minutes(1), .step = UsageStep::kMinute},
    UsageWindow{.name = "1h", .length = hours(1), .step = UsageStep::kMinute},
    UsageWindow{.name = "24h", .length = hours(24), .step = UsageStep::kHour},
    UsageWindow{.name = "30d", .length = days(30), .step = UsageStep::kDay},
};
constexpr std::string_view kUsual = "24h";

struct KeyName {
  std::string_view name;
  UsageKey key;
};
constexpr std::array kKeys = {
    KeyName{"token", UsageKey::kToken},       KeyName{"credential", UsageKey::kCredential},
    KeyName{"model", UsageKey::kModel},       KeyName{"dialect", UsageKey::kDialect},
    KeyName{"provider", UsageKey::kProvider},
};

void ratio_member(json::Writer& writer, std::string_view name, double sum, std::int64_t count) {
  writer.key(name);
  if (count == 0) {
    writer.null();
  } else {
    writer.number(sum / static_cast<double>(count));
  }
}

}  // namespace

std::span<const UsageWindow> usage_windows() { return kWindows; }

std::expected<UsageWindow, Refusal> asked_window(const Call& call) {
  std::string name = call.asked("window");
  if (name.empty()) name = kUsual;
  const auto* found = std::ranges::find(kWindows, name, &UsageWindow::name);
  if (found == kWindows.end()) {
    return refuse(bad_field("window", "there is no such window", "use 1m, 1h, 24h or 30d"));
  }
  return *found;
}

std::optional<UsageKey> usage_key(std::string_view name) {
  const auto* found = std::ranges::find(kKeys, name, &KeyName::name);
  if (found == kKeys.end()) return std::nullopt;
  return found->key;
}

std::optional<UsageStep> usage_step(std::string_view name) {
  if (name == "minute") return UsageStep::kMinute;
  if (name == "hour") return UsageStep::kHour;
  if (name == "day") return UsageStep::kDay;
  return std::nullopt;
}

double dollars(std::int64_t cost) { return static_cast<double>(cost) / 1e9; }

void write_usage(json::Writer& writer, const store::UsageSum& sum) {
  constexpr double kMicrosecondsPerMillisecond = 1000;
  writer.member("calls", sum.requests)
      .member("failed", sum.failures)
      .member("attempts", sum.attempts)
      .key("tokens")
      .begin_object()
      .member("input", sum.input)
      .member("cached", sum.cached)
      .member("output", sum.output)
      .member("thoughts", sum.thoughts)
      .end_object()
      .member("cost", dollars(sum.cost));
  ratio_member(writer, "attempts_per_call", static_cast<double>(sum.attempts), sum.requests);
  ratio_member(writer, "first_byte_ms",
               static_cast<double>(sum.first_byte_us) / kMicrosecondsPerMillisecond,
               sum.first_bytes);
  ratio_member(writer, "duration_ms",
               static_cast<double>(sum.duration_us) / kMicrosecondsPerMillisecond, sum.requests);
}

}  // namespace wasat::admin
