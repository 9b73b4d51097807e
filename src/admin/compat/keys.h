// How the compatibility routes name credentials: other gateways name a key by its text, in
// answers too, which Wasat never does.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "admin/registry.h"

namespace wasat::admin::compat {

// "AIzaSyAB...~id": masked, and yet each one's own.
std::string shown_key(const CredentialRow& row);

// "active", "cooling", "failed".
std::string_view status_word(const CredentialRow& row, pool::WallTime now);

// Whose id, whole text, or name in answers this is; then, of at least 4 characters, whose
// text begins so.
std::vector<const CredentialRow*> find_keys(const Registry& registry, std::string_view text);

}  // namespace wasat::admin::compat
