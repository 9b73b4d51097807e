// Routes that other gateways have for their operators, so that scripts written for them go on
// working. They want the admin password or a session's token as a Bearer (or in X-Admin-Token),
// whatever the original wanted; paths are whole ones, not below /api/admin/v1. What differs is
// in docs/admin-api.md.

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin::compat {

// gemini-claude-adapter: POST /admin/reset-key/{prefix}.
// gemini-gateway-service: POST /v1/management/unfreeze.
std::span<const Route> reset_routes();

// gemini-balance: lists of keys, their failures and their checks.
std::span<const Route> key_routes();

// gemini-balance: whether keys work.
std::span<const Route> verify_routes();

// gemini-balance: statistics and error logs.
std::span<const Route> log_routes();

}  // namespace wasat::admin::compat
