// What a call will probably use, from its bytes, before it is sent. For tokens whose limits
// need to know; the true figures take its place when the answer is there. Pure.
//
// Text counts as a token for four bytes, as Google says of English; the JSON around it counts
// too, so short requests are taken for larger than they are. Pictures, sound and documents
// (long base64) count by their size: 1,120 tokens and one for each 500 characters, which
// is above what most of them take. What a call only refers to (files, caches, URLs) is not
// seen: such calls are settled afterwards.

#pragma once

#include <cstdint>

#include "base/body.h"
#include "gemini/call.h"

namespace wasat::account {

std::int64_t estimated_input(const Body& body);

// The most that the answer may have, as `candidates`: all of them together, `otherwise` for each
// of a call that does not say. And `searches`: kExpectedSearches if it may search the web.
inline constexpr std::int64_t kExpectedSearches = 3;
gemini::Usage expected_answer(const gemini::Call& call, std::int64_t otherwise);

}  // namespace wasat::account
