// Reading a chunk only as far as the tally needs it.
//
// The native road passes chunks on as they are, so it must not pay for a tree:
// one pass over the bytes, strings skipped, no allocation. What is checked is
// the structure (brackets, strings, separators), not every scalar.

#pragma once

#include "base/body.h"
#include "base/result.h"
#include "gemini/call.h"

namespace wasat::gemini {

// Whether this is an error object in place of a chunk: {"error":...}, or that
// within an array. Looks at the first few bytes only.
bool is_error_chunk(PaddedView json);

// Notes in `tally` what the chunk shows. Usage: a count that the chunk leaves
// out keeps its last value. Errors: kUpstreamFailed when this is no JSON object.
// An error chunk leaves the tally as it is: ask is_error_chunk() first.
[[nodiscard]] Result<> read_chunk(PaddedView json, Tally& tally);

}  // namespace wasat::gemini
