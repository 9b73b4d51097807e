// The OpenAPI document of the admin API. Its parts lie in openapi/, resource by resource: the
// paths and the schemas of each. A test holds it against the table of routes.

#pragma once

#include <span>
#include <string>

#include "admin/router.h"

namespace wasat::admin {

const std::string& openapi_document();

std::span<const Route> openapi_routes();

}  // namespace wasat::admin
