// Undoing a gzip content coding within a budget.

#pragma once

#include <memory>

#include "base/body.h"
#include "base/result.h"
#include "base/task.h"
#include "net/loop.h"

namespace wasat::http {

// Inflates one gzip member sequence. Lets the loop run in between, since a large
// body takes long. Errors: kInvalidRequest (no gzip, cut off), kTooLarge.
WASAT_OWN_FRAME Task<Result<std::shared_ptr<Buffer>>> gunzip(net::Loop& loop,
                                                             std::shared_ptr<const Buffer> packed,
                                                             std::size_t most);

}  // namespace wasat::http
