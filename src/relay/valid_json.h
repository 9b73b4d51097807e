// valid_json: whether a body may be spliced into a message to a node.

#pragma once

#include "base/body.h"

namespace wasat::relay {

// Whether the body's pieces together are one JSON value in UTF-8, nested no deeper than a
// message may be. Read where they lie, about 1 GB/s: for a body of many MiB that is work
// for the compute thread.
bool valid_json(const Body& body);

}  // namespace wasat::relay
