// Many credentials at once, from what somebody pasted or sent: what is new is added in steps
// of a job, what is there already or cannot be a key is told by line, with a mask.

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> add_credentials_routes();

}  // namespace wasat::admin
