// Batches: pending at first, done when they are asked for the second time.

#pragma once

#include <string>

#include "simulator/resources/asked.h"

namespace wasat::simulator {

Outcome create_batch(const Asked& asked);
std::string batch_json(const Holding& batch);

}  // namespace wasat::simulator
