// What the process itself tells: its share of /metrics.

#pragma once

#include "observe/metrics.h"

namespace wasat::observe {

// Adds the process_* samples and wasat_build_info. Reads /proc: not on a worker's
// hot path, but fast enough for a scrape.
void collect_process(Samples& samples);

}  // namespace wasat::observe
