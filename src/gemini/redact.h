// Upstream error texts name keys, tokens and projects of the operator. Clients
// must not see those, and neither must logs.

#pragma once

#include <string>
#include <string_view>

namespace wasat::gemini {

// `text` with everything that looks like a key, a token or a Google project
// replaced by "[redacted]", cut to `limit` bytes on a character's boundary.
std::string redacted(std::string_view text, std::size_t limit = 2048);

}  // namespace wasat::gemini
