// Windows of time that statistics are asked for: "1m", "1h", "24h", "30d".

#pragma once

#include <chrono>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "admin/call.h"
#include "json/writer.h"
#include "store/ledger.h"

namespace wasat::admin {

struct UsageWindow {
  std::string_view name;
  std::chrono::milliseconds length;
  store::UsageStep step;  // of a series in it
};

std::span<const UsageWindow> usage_windows();
// "?window="; the default is 24 hours.
std::expected<UsageWindow, Refusal> asked_window(const Call& call);

// "token", "credential", "model", "dialect", "provider".
std::optional<store::UsageKey> usage_key(std::string_view name);
std::optional<store::UsageStep> usage_step(std::string_view name);

// The members of a sum, into an object that is open.
void write_usage(json::Writer& writer, const store::UsageSum& sum);

// Billionths of a dollar as dollars.
double dollars(std::int64_t cost);

}  // namespace wasat::admin
