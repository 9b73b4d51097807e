// One model out of the list that a node gives.
//
// The first applets answer every question for models with the whole list: so that is what
// nodes of their protocol are asked for.

#pragma once

#include <memory>
#include <string>

#include "provider/provider.h"

namespace wasat::provider {

// `list`: an answer in one chunk. `name`: as in a list, "models/gemini-2.5-flash". Failure: no
// such model is in it, or it is no list.
std::unique_ptr<ChunkStream> make_one_model(std::unique_ptr<ChunkStream> list, std::string name);

}  // namespace wasat::provider
