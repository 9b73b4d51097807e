// The OpenAPI 3.1 document of the admin API, put together from the rows of route_docs.h and the
// schemas beside it.
//
// GET /openapi.json gives it to whoever has logged in.

#pragma once

#include <span>
#include <string>

#include "admin/router.h"

namespace wasat::admin::openapi {

std::string document();

std::span<const Route> routes();

}  // namespace wasat::admin::openapi
