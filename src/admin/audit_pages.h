// The resource /audit: what administrators did.

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> audit_routes();

}  // namespace wasat::admin
