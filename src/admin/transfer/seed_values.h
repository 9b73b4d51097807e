// Named values of other gateways (environment variables, rows of their tables of
// settings) as cargo: keys become credentials, tokens tokens, the rest settings.
//
// Pure functions.

#pragma once

#include <string_view>

#include "admin/transfer/cargo.h"
#include "admin/transfer/known_settings.h"

namespace wasat::admin::transfer {

// "k1,k2", "k1 k2", lines, or a JSON array of strings; without duplicates' removal.
std::vector<Secret> listed_secrets(std::string_view text);

// Whether `name` is one that this or another gateway uses, so that a file with it is
// probably meant for us.
bool is_seed_name(std::string_view name, const KnownSettings& settings);

// Adds what `name` and `value` say to `cargo`: something to take, or a remark why not.
void add_seed_value(Cargo& cargo, const KnownSettings& settings, std::string_view name,
                    const Secret& value);

}  // namespace wasat::admin::transfer
