// To which credential a call is bound by what it names.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "gateway/resources.h"
#include "gemini/call.h"

namespace wasat::gateway {

struct Binding {
  std::string only;  // the credential that owns what the call names; empty: any can serve
  std::string home;  // the one to take if it can, so that what a token makes stays together
};

// Errors: kNotFound, what is unknown or another token's; kInvalidRequest, two owners.
Result<Binding> binding_of(const gemini::Call& call, std::string_view token_id,
                           const Resources& resources);

}  // namespace wasat::gateway
