// The one table of settings: validation, `wasat check`, docs/configuration.md and
// the console come from it.

#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "app/settings.h"

namespace wasat::app {

enum class Syntax : std::uint8_t {
  kText,
  kChoice,    // one of `choices`
  kInteger,   // between low and high
  kBytes,     // "64KiB", "256MiB"; between low and high
  kSwitch,    // true, false
  kDuration,  // "240", "240s", "5m", "500ms"; low and high in milliseconds
  kSecret,    // low: the fewest bytes, if there are any
  kList,      // separated by commas, spaces or lines
  kKeys,      // a list of secrets
  kRanges,    // a list of addresses and CIDR ranges
  kBaseUrl,
  kProxyUrl,
  kNames,  // name = "value"; in the environment "name=value,name=value"
};

using SettingMember =
    std::variant<std::string Settings::*, std::int64_t Settings::*, bool Settings::*,
                 std::chrono::milliseconds Settings::*, Secret Settings::*,
                 std::vector<std::string> Settings::*, std::vector<Secret> Settings::*,
                 std::vector<Cidr> Settings::*, std::map<std::string, std::string> Settings::*>;

struct SettingRow {
  std::string_view key;          // in the TOML file; also the flag's name
  std::string_view environment;  // names, separated by spaces, strongest first
  Syntax syntax;
  SettingMember member;
  std::string_view fallback;  // in the same syntax as everywhere
  std::string_view english;
  std::string_view chinese;
  std::int64_t low = 0;
  std::int64_t high = std::numeric_limits<std::int64_t>::max();
  std::string_view choices{};  // of kChoice, or of a list's items
  bool live = false;           // a reload changes it without a restart
  bool adds = false;           // all sources together, not the strongest alone

  bool secret() const {
    return syntax == Syntax::kSecret || syntax == Syntax::kKeys || syntax == Syntax::kProxyUrl;
  }
};

std::span<const SettingRow> settings_table();
const SettingRow* find_setting(std::string_view key);
// The row that an environment variable sets.
const SettingRow* find_setting_by_environment(std::string_view name);

// Secrets are compared too.
bool same_value(const SettingRow& row, const Settings& a, const Settings& b);
void copy_value(const SettingRow& row, const Settings& from, Settings& to);

enum class Language : std::uint8_t { kEnglish, kChinese };
// docs/configuration.md and docs/configuration.zh-CN.md.
std::string settings_markdown(Language language);

}  // namespace wasat::app
