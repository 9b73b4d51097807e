// The resources /login, /logout, /session, /sessions and /password: who has logged in.

#pragma once

#include <span>
#include <string>

#include "admin/router.h"

namespace wasat::admin {

inline constexpr std::string_view kCookie = "wasat_session";

std::span<const Route> session_routes();

// The value of our cookie in a Cookie header; empty if there is none.
std::string session_cookie(std::string_view header);

}  // namespace wasat::admin
