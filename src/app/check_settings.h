// What is wrong with settings that one row alone cannot tell.

#pragma once

#include "app/settings.h"
#include "base/result.h"

namespace wasat::app {

Result<> check_settings(const Settings& settings);

}  // namespace wasat::app
