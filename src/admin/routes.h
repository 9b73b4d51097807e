// All routes of the admin API, resource by resource.

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const std::span<const Route>> routes();

}  // namespace wasat::admin
