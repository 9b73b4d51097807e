// A TOML file as a flat list of keys and values with their places. Start-up only.

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/settings.h"

namespace wasat::app {

struct TomlValue {
  std::string key;    // "listen.port"
  std::string text;   // in the syntax that the environment uses
  std::string where;  // "wasat.toml:3:8"
};

// Appends what is wrong to `problems`. A table whose key `is_table` is one value
// ("name=value" lines); others are opened up into their members.
std::vector<TomlValue> read_toml(const std::string& path,
                                 const std::function<bool(std::string_view)>& is_table,
                                 std::vector<Problem>& problems);

}  // namespace wasat::app
