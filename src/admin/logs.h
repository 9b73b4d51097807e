// The resource /logs: single exchanges, as the ledger keeps them.
//
//   GET    /logs       newest first, with filters and a cursor; without bodies
//   GET    /logs/{id}  one, with its bodies where its token asks for them to be kept
//   DELETE /logs       those that the filters hold for; all of them only by all=true

#pragma once

#include <span>

#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> log_routes();

}  // namespace wasat::admin
