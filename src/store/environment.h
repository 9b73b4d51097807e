// Credentials that the environment gives, beside those that the store has.

#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/keys.h"
#include "store/records.h"

namespace wasat::store {

// Adds `secrets` to contents.credentials; one that the store has already is
// left alone, one whose state was learnt earlier comes with it. Credentials that
// the environment no longer gives are left out, with their cooldowns. Returns what
// the store should note, so that it can keep their states and cooldowns; the
// secrets themselves are never stored.
std::vector<Change> add_environment_credentials(Contents& contents, const Keys& keys,
                                                std::string_view provider,
                                                std::span<const Secret> secrets, Time now);

}  // namespace wasat::store
