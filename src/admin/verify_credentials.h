// Verifying credentials: a job that asks the upstream for a word with each of them, on the
// worker that the request came to.

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> verify_credentials_routes();

}  // namespace wasat::admin
