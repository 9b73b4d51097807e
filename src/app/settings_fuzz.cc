// Any text for any setting: a value within its bounds or a finding with a remedy.

#include <cstdint>
#include <cstdlib>

#include "app/parse_setting.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace wasat::app;
  if (size == 0) return 0;
  const auto rows = settings_table();
  const SettingRow& row = rows[data[0] % rows.size()];
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  Settings settings;
  for (const Finding& finding : parse_setting(row, text, settings)) {
    if (finding.text.empty() || finding.remedy.empty()) std::abort();
  }
  if (const auto* number = std::get_if<std::int64_t Settings::*>(&row.member)) {
    const std::int64_t value = settings.*(*number);
    if (value != 0 && (value < row.low || value > row.high)) std::abort();
  }
  return 0;
}
