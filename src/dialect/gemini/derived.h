// A native request for a derived model ("gemini-2.5-flash-search"): what the name
// asks for is written into the body. What the client says itself outranks its name.

#pragma once

#include <memory>
#include <string_view>

#include "base/body.h"
#include "dialect/dialect.h"

namespace wasat::dialect::native {

// Whether the name asks for anything.
bool is_derived(const gemini::DerivedModel& derived);

// `bytes` is a JSON object, the body of a call that generates. The large parts of it
// stay views.
[[nodiscard]] Result<Body> derived_body(std::shared_ptr<const Buffer> bytes,
                                        const ChosenModel& chosen);

}  // namespace wasat::dialect::native
