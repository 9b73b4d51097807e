// `wasat check`: is everything there to start? Changes nothing, opens no socket.

#pragma once

#include <string>

#include "app/settings.h"

namespace wasat::app {

struct CheckReport {
  int exit_code = 0;  // 0: Wasat would start; 1: it would not
  std::string text;   // for people; no secrets
};

// Settings from flags, environment and file (not the store), data folder, key
// file and log file.
CheckReport check(const Sources& sources);

}  // namespace wasat::app
