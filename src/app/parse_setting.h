// One setting's text into its member, with what is wrong about it. Start-up only.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "app/settings_table.h"

namespace wasat::app {

struct Finding {
  bool fatal = true;
  std::string text;  // never a secret
  std::string remedy;
};

// Puts `text` into the row's member of `into`; adds to it when the row adds. After
// a fatal finding the member is as before.
std::vector<Finding> parse_setting(const SettingRow& row, std::string_view text, Settings& into);

}  // namespace wasat::app
