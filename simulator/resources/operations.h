// Operations that take their time: videos.

#pragma once

#include <string>

#include "simulator/resources/asked.h"

namespace wasat::simulator {

// Its file exists at once; the operation tells of it when it is asked for the second time.
Outcome create_video(const Asked& asked);
std::string operation_json(const Holding& operation, bool done);

}  // namespace wasat::simulator
