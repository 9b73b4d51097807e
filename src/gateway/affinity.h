// What a conversation begins with, as a number.
//
// The upstream remembers for a while what it has read, by account; so calls that
// begin alike should go to the same credential. Here "begin" is the body up to the
// end of the first content: system instruction and tools, if they come before, and
// what the user said first. Later turns do not change it.

#pragma once

#include <cstdint>

#include "gemini/call.h"

namespace wasat::gateway {

// 0: no matter where it goes: the call asks no model, or is so short that the upstream
// would not remember it. Reads some 32 KB of the body at most.
std::uint64_t affinity_of(const gemini::Call& call);

}  // namespace wasat::gateway
