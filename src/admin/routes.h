// All routes of the admin API, resource by resource.

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const std::span<const Route>> routes();

// Of other gateways: whole paths (compat/routes.h).
std::span<const std::span<const Route>> compatibility_routes();

}  // namespace wasat::admin
