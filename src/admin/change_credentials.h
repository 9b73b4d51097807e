// Changes to one credential or to many: editing, enabling, disabling, resetting, removing.

#pragma once

#include <expected>
#include <span>
#include <string>
#include <vector>

#include "admin/context.h"
#include "admin/fields.h"
#include "admin/router.h"

namespace wasat::admin {

std::span<const Route> change_credentials_routes();

// The ids that {"ids": [...]} or {"filter": {...}} asks for; unknown ids are left out.
std::vector<std::string> selected_credentials(Context& context, Fields& fields);

}  // namespace wasat::admin
