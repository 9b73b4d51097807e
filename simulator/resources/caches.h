// Cached contents.

#pragma once

#include <string>

#include "simulator/resources/asked.h"

namespace wasat::simulator {

Outcome create_cache(const Asked& asked);
// It lives from now on for the ttl that is asked for.
Outcome prolong_cache(const Asked& asked, Holding cache);
std::string cache_json(const Holding& cache);

}  // namespace wasat::simulator
