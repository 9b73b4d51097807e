#include "app/known_settings.h"

#include <algorithm>
#include <array>

#include "app/parse_setting.h"
#include "app/settings_table.h"

namespace wasat::app {
namespace {

using admin::transfer::KnownSetting;

// Addresses, folders and who may come near: of one machine alone.
bool is_of_place(std::string_view key) {
  constexpr auto kKeys =
      std::to_array<std::string_view>({"server.workers", "server.trusted_proxies", "media.folder",
                                       "log.access", "access.admin_password"});
  return key.starts_with("listen.") || key.starts_with("store.") || key.starts_with("admin.") ||
         std::ranges::find(kKeys, key) != kKeys.end();
}

std::optional<KnownSetting> known(const SettingRow* row) {
  if (row == nullptr) return std::nullopt;
  return KnownSetting{
      .key = std::string(row->key), .secret = row->secret(), .of_place = is_of_place(row->key)};
}

}  // namespace

std::optional<KnownSetting> TableOfSettings::find(std::string_view key) const {
  return known(find_setting(key));
}

std::optional<KnownSetting> TableOfSettings::find_by_environment(std::string_view name) const {
  return known(find_setting_by_environment(name));
}

std::string TableOfSettings::problem(std::string_view key, std::string_view value) const {
  const SettingRow* row = find_setting(key);
  if (row == nullptr) return "this Wasat has no such setting";
  Settings scratch;
  for (const Finding& finding : parse_setting(*row, value, scratch)) {
    if (finding.fatal) return finding.text + ". To mend it: " + finding.remedy;
  }
  return {};
}

}  // namespace wasat::app
