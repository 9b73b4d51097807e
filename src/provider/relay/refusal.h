// What a node's word of failure means.

#pragma once

#include <string_view>

#include "gemini/errors.h"

namespace wasat::provider {

// `status`: HTTP, 0: the node did not say. `text`: whatever it wrote: Google's error object,
// somewhere in it, an SDK's message that names a status, or words. Error: as Google's when it
// is one; else kInternal of the upstream, which another node may do better.
gemini::Failure read_node_failure(int status, std::string_view text, std::string_view retry_after,
                                  gemini::SystemTime now);

}  // namespace wasat::provider
