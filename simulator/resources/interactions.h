// Interactions, whole or as a stream of events.

#pragma once

#include <string>

#include "simulator/resources/asked.h"

namespace wasat::simulator {

Outcome create_interaction(const Asked& asked);
std::string interaction_json(const Holding& interaction);

}  // namespace wasat::simulator
