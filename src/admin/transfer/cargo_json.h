// Cargo as JSON: the inside of an export, which is never stored or sent unsealed.
//
// Pure functions. What a newer Wasat adds is ignored here; what it changes gets a new
// format number (export_document.h).

#pragma once

#include <string>

#include "admin/transfer/cargo.h"
#include "base/body.h"
#include "base/result.h"

namespace wasat::admin::transfer {

std::string cargo_to_json(const Cargo& cargo);

// Law: cargo_from_json(cargo_to_json(c)) is c, but for its remarks, plain tokens and
// admin password, which no export has. Error: kInvalidRequest; what is wrong, no secrets.
Result<Cargo> cargo_from_json(PaddedView json);

}  // namespace wasat::admin::transfer
