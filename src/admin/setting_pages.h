// The resource /settings: every row of the table of settings, and changing them.

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> setting_routes();

}  // namespace wasat::admin
