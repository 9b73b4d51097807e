// Changing a call that has been written, for the few cases in which the upstream
// tells what it wants instead. The client's large bytes stay views.

#pragma once

#include <optional>
#include <string_view>

#include "base/body.h"

namespace wasat::gemini {

// The request again, with the token of a candidate that ended in CONTINUATION
// (escaped). `body` is a JSON object.
Body with_continuation(const Body& body, std::string_view token);

// The request without those members of generationConfig that not every model
// takes: penalties, log probabilities, several candidates. nullopt: it has none.
std::optional<Body> without_refused_options(const Body& body);

// The request with no thought signature but the bypass, which the first call of each
// turn of the model gets. nullopt: it has no calls and no signatures.
std::optional<Body> with_bypassed_signatures(const Body& body);

}  // namespace wasat::gemini
