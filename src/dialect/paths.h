// What the dialects share in finding out what a path asks for, and what a client is told of
// a path or a method that none of them takes.

#pragma once

#include <string_view>

#include "dialect/dialect.h"

namespace wasat::dialect {

// The path without the slashes at its end.
std::string_view bare_path(const Request& request);
// GET or HEAD.
bool reads(const Request& request);

// `allowed`: "POST", "GET or DELETE".
Error wrong_method(const Request& request, std::string_view allowed);
Error nothing_here(const Request& request);

}  // namespace wasat::dialect
