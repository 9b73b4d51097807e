// The resource /nodes: relay nodes that are connected, and those that were.

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> node_routes();

}  // namespace wasat::admin
